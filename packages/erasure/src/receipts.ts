import { readFile } from 'node:fs/promises';
import {
  type CommittedSubject,
  type Hold,
  retainedByHold,
  contentOf,
  Receipt,
  receiptType,
  registry,
  type Retained,
  type ServiceName,
  publishedKey,
  serviceKeysIn,
  type PublishedKeySet,
  type StoredKey,
} from '@mysmtp/contracts';
import { CompactSign, importJWK, type JWK } from 'jose';

/** Signs the receipts of this service's stores. */
export interface Receipts {
  sign(
    answer: Pick<Receipt, 'requestId' | 'store' | 'matched' | 'matchedBy' | 'deleted'> & {
      readonly subject: CommittedSubject;
      /** The legal hold on the store, if its records stay. */
      readonly hold?: Hold | undefined;
    },
  ): Promise<string>;
}

/** Receipts are JWS (RFC 7515, Ed25519) under the service's own key. */
export async function openReceipts(
  service: ServiceName,
  keyFile: string,
  clock: { now(): number },
): Promise<Receipts> {
  const key = await importJWK(JSON.parse(await readFile(keyFile, 'utf8')) as JWK, 'EdDSA');
  return {
    sign({ hold, ...answer }) {
      const receipt: Receipt = {
        ...answer,
        service,
        retained: retainedBy(answer, hold),
        registryVersion: registry.version,
        at: new Date(clock.now()).toISOString(),
      };
      return new CompactSign(contentOf(Receipt, receipt))
        .setProtectedHeader({ alg: 'EdDSA', typ: receiptType, kid: service })
        .sign(key);
    },
  };
}

function retainedBy(
  { store, subject: { kind } }: { readonly store: string; readonly subject: CommittedSubject },
  hold: Hold | undefined,
): Retained[] {
  if (hold !== undefined) return [retainedByHold(hold)];
  // Only a tenant leaves tombstones.
  if (kind !== 'tenant') return [];
  const subject = registry.collections.find(({ id }) => id === store)?.subject ?? null;
  if (subject === null || subject.ground === null) return [];
  const category = `${store}: ${subject.remains.join(', ')}`;
  return [{ category, ground: subject.ground, until: null }];
}

/**
 * The public keys of this service's receipts: its signing key, then its former keys from the file of all
 * services' keys.
 */
export async function readOwnKeys({
  name,
  config: { serviceKeyFile, serviceJwksFile },
}: {
  readonly name: ServiceName;
  readonly config: { readonly serviceKeyFile: string; readonly serviceJwksFile: string };
}): Promise<PublishedKeySet> {
  const own = JSON.parse(await readFile(serviceKeyFile, 'utf8')) as StoredKey;
  const { keys } = JSON.parse(await readFile(serviceJwksFile, 'utf8')) as {
    readonly keys: readonly StoredKey[];
  };
  const current = publishedKey({ ...own, kid: name }, name);
  const former = serviceKeysIn(keys).filter(({ service, x }) => service === name && x !== own.x);
  return { keys: [current, ...former] };
}
