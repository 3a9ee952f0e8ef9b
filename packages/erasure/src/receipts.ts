import { readFile } from 'node:fs/promises';
import {
  type CommittedSubject,
  contentOf,
  Receipt,
  receiptType,
  registry,
  type Retained,
  type ServiceName,
} from '@mysmtp/contracts';
import { CompactSign, importJWK, type JWK } from 'jose';

/** Signs the receipts of this service's stores. */
export interface Receipts {
  sign(
    answer: Pick<Receipt, 'requestId' | 'store' | 'matched' | 'matchedBy' | 'deleted'> & {
      readonly subject: CommittedSubject;
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
    sign(answer) {
      const receipt: Receipt = {
        ...answer,
        service,
        retained: retainedBy(answer.store),
        registryVersion: registry.version,
        at: new Date(clock.now()).toISOString(),
      };
      return new CompactSign(contentOf(Receipt, receipt))
        .setProtectedHeader({ alg: 'EdDSA', typ: receiptType, kid: service })
        .sign(key);
    },
  };
}

function retainedBy(store: string): Retained[] {
  const subject = registry.collections.find(({ id }) => id === store)?.subject ?? null;
  if (subject === null || subject.ground === null) return [];
  const category = `${store}: ${subject.remains.join(', ')}`;
  return [{ category, ground: subject.ground, until: null }];
}
