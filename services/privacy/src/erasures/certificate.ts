import { createHash } from 'node:crypto';
import {
  answeringStores,
  Certificate,
  Receipt,
  type Registry,
  type Retained,
} from '@mysmtp/contracts';
import { decodeJwt, type JSONWebKeySet } from 'jose';
import type { Acknowledgement, StoredReceipt } from './answers.ts';
import type { ErasureDocument } from './ledger.ts';

/** For how long the ledger is kept: the time in which somebody may ask for proof (GDPR Art. 5(2)). */
export const ledgerRetention = 3 * 365 * 86_400_000;

/** Puts a certificate together; throws where a store has not answered, for then there is none. */
export function composeCertificate(of: {
  readonly erasure: ErasureDocument & { readonly completedAt: Date };
  readonly receipts: readonly StoredReceipt[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly registry: Registry;
  readonly serviceKeys: JSONWebKeySet;
}): Certificate {
  const { erasure, acknowledgements, registry, serviceKeys } = of;
  const jwsOf = new Map(of.receipts.map(({ store, jws }) => [store, jws]));
  const receipts = [...answeringStores(registry).keys()].map((store) => {
    const jws = jwsOf.get(store);
    if (jws === undefined) throw new Error(`${store} has given no receipt`);
    return { store, jws };
  });
  return Certificate.parse({
    v: 1,
    requestId: erasure._id,
    requestedAt: erasure.requestedAt.toISOString(),
    completedAt: erasure.completedAt.toISOString(),
    scope: 'tenant',
    commitment: erasure.commitment,
    registry: { version: registry.version, sha256: sha256(frozen(registry)) },
    serviceKeys,
    receipts,
    fence: {
      raisedAt: (erasure.raisedAt ?? erasure.requestedAt).toISOString(),
      processes: countByService(acknowledgements),
      wire: {
        finished: sum(acknowledgements.map(({ wire }) => wire.finished)),
        unknown: sum(acknowledgements.map(({ wire }) => wire.unknown)),
      },
    },
    canaries: [...erasure.seen],
    sweeps: erasure.sweeps.map(({ at, found }) => ({
      at: at.toISOString(),
      found: Object.fromEntries(found.map(({ store, count }) => [store, count])),
    })),
    keys: { destroyed: [...erasure.destroyedKeys], triedRoots: [...erasure.triedRoots] },
    retained: [
      ...receipts.flatMap(({ jws }) => Receipt.parse(decodeJwt(jws)).retained),
      ...alwaysRetained(erasure),
    ],
  });
}

/** What outlives every erasure. A date stands only where we keep it ourselves. */
function alwaysRetained({ requestedAt }: Pick<ErasureDocument, 'requestedAt'>): Retained[] {
  return [
    {
      category: 'privacy.erasures, privacy.erasureAnswers: this request, by ids and counts',
      ground: 'We must be able to show what we did (GDPR Art. 5(2)).',
      until: new Date(requestedAt.getTime() + ledgerRetention).toISOString(),
    },
    {
      category: 'Log lines with ids of our own making, such as that of the account',
      ground:
        'Security and evidence of operation (GDPR Art. 6(1)(f)); no name, address or domain is in them.',
      until: 'the log store of the operator drops them',
    },
    {
      category: 'Backups of the vault with the destroyed root',
      ground:
        'Availability (GDPR Art. 32(1)(c)). The operator is told to keep them apart from all data, without which a root opens nothing.',
      // docs/decisions/keys.md. Nothing measures it, so it is no date of ours.
      until: 'the operator deletes them, who is told to do so within 72 hours',
    },
  ];
}

/** The octets of the version as it stays frozen in packages/contracts/registry. */
export function frozen(registry: Registry): Buffer {
  return Buffer.from(`${JSON.stringify(registry, null, 2)}\n`);
}

function countByService(acknowledgements: readonly Acknowledgement[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { service } of acknowledgements) counts[service] = (counts[service] ?? 0) + 1;
  return counts;
}

const sha256 = (octets: Buffer): string => createHash('sha256').update(octets).digest('hex');

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
