import { openReceipt } from '@mysmtp/certificate';
import { LRUCache } from 'lru-cache';
import type { StoredReceipt } from './answers.ts';
import type { ErasureDocument } from './ledger.ts';
import type { SagaDeps } from './deps.ts';

type Proving = Pick<ErasureDocument, '_id' | 'subject' | 'commitment' | 'requestedAt' | 'holds'>;

/**
 * The receipts that this process has found valid, each with the holds of its erasure. Nothing else that the
 * check depends on changes while the process runs.
 */
export type VerifiedReceipts = Pick<LRUCache<string, string>, 'get' | 'set'>;

/** For all receipts of the persons that are erased at a time. */
export const verifiedReceipts = (): VerifiedReceipts => new LRUCache({ max: 2_000 });

/**
 * The receipts of an erasure that are valid under the current registry and keys. After an upgrade or a
 * key change of a service, earlier receipts are no longer valid and are requested again. `verified`: these are
 * not verified again.
 */
export async function validReceipts(
  { _id: requestId, subject: { kind }, commitment, requestedAt, holds }: Proving,
  {
    answers,
    registry,
    certificates: { published },
    clock,
  }: Pick<SagaDeps, 'answers' | 'registry' | 'certificates' | 'clock'>,
  verified?: VerifiedReceipts,
): Promise<StoredReceipt[]> {
  const from = requestedAt.toISOString();
  const until = new Date(clock.now()).toISOString();
  const subject = { kind, commitment };
  const asked = { requestId, subject, holds, registry, published, from, until };
  const held = JSON.stringify(holds ?? []);
  const valid: StoredReceipt[] = [];
  for (const given of await answers.receipts(requestId)) {
    const name = `${requestId} ${given.store} ${given.jws}`;
    const isVerified = verified?.get(name) === held;
    if (!isVerified && !('receipt' in (await openReceipt(given, asked)))) continue;
    verified?.set(name, held);
    valid.push(given);
  }
  return valid;
}
