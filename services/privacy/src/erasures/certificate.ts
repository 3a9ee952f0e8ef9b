import { createHash } from 'node:crypto';
import {
  answeringStores,
  Certificate,
  CodedError,
  coverageText,
  outlives,
  outlivesPerson,
  outlivingOf,
  outlivingAt,
  reader,
  Receipt,
  type PublishedKeySet,
  type Registry,
} from '@mysmtp/contracts';
import { decodeJwt } from 'jose';
import type { Acknowledgement, StoredReceipt } from './answers.ts';
import type { ErasureDocument } from './ledger.ts';

/** Composes a certificate. Throws if a store has given no receipt. */
export function composeCertificate(of: {
  readonly erasure: ErasureDocument & { readonly completedAt: Date };
  readonly receipts: readonly StoredReceipt[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly registry: Registry;
  readonly published: PublishedKeySet;
}): Certificate {
  const { erasure, acknowledgements, registry, published } = of;
  const holds = (erasure.holds ?? []).map(({ store, ground, until }) => ({ store, ground, until }));
  const jwsOf = new Map(of.receipts.map(({ store, jws }) => [store, jws]));
  const receipts = [...answeringStores(registry, erasure.subject.kind).keys()].map((store) => {
    const jws = jwsOf.get(store);
    if (jws === undefined) {
      throw new CodedError('certificate_incomplete', `${store} has given no receipt`);
    }
    return { store, jws };
  });
  const dates = {
    requestedAt: erasure.requestedAt.toISOString(),
    completedAt: erasure.completedAt.toISOString(),
  };
  return Certificate.parse({
    v: 2,
    requestId: erasure._id,
    ...dates,
    subject: { kind: erasure.subject.kind, commitment: erasure.commitment },
    registry: { version: registry.version, sha256: sha256(frozen(registry)) },
    // The key ids are service names. A person who checks the certificate must know them from another
    // source.
    serviceKeys: { keys: published.keys.flatMap(listed) },
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
      ...receipts.flatMap(({ jws }) => reader(Receipt).parse(decodeJwt(jws)).retained),
      ...outlivingOf([...outlives, ...outlivesPerson], erasure.subject.kind).map((kept) =>
        outlivingAt(kept, dates),
      ),
    ],
    ...(holds.length > 0 && { holds }),
  });
}

/** The octets of the version as frozen in packages/contracts/registry. */
export function frozen(registry: Registry): Buffer {
  return Buffer.from(coverageText(registry));
}

/** In a certificate the id of a service's key is the name of the service. */
function listed({ service, ...key }: PublishedKeySet['keys'][number]) {
  return service === undefined ? [] : [{ ...key, kid: service }];
}

function countByService(acknowledgements: readonly Acknowledgement[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { service } of acknowledgements) counts[service] = (counts[service] ?? 0) + 1;
  return counts;
}

const sha256 = (octets: Buffer): string => createHash('sha256').update(octets).digest('hex');

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
