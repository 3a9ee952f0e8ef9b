import { openReceipt } from '@mysmtp/certificate';
import type { StoredReceipt } from './answers.ts';
import type { ErasureDocument } from './ledger.ts';
import type { SagaDeps } from './deps.ts';

type Proving = Pick<ErasureDocument, '_id' | 'subject' | 'commitment' | 'requestedAt' | 'holds'>;

/**
 * The receipts of an erasure that are valid under the current registry and keys. After an upgrade or a
 * key change of a service, earlier receipts are no longer valid and are requested again.
 */
export async function validReceipts(
  { _id: requestId, subject: { kind }, commitment, requestedAt, holds }: Proving,
  {
    answers,
    registry,
    certificates: { published },
    clock,
  }: Pick<SagaDeps, 'answers' | 'registry' | 'certificates' | 'clock'>,
): Promise<StoredReceipt[]> {
  const from = requestedAt.toISOString();
  const until = new Date(clock.now()).toISOString();
  const subject = { kind, commitment };
  const asked = { requestId, subject, holds, registry, published, from, until };
  const valid: StoredReceipt[] = [];
  for (const given of await answers.receipts(requestId)) {
    if ('receipt' in (await openReceipt(given, asked))) valid.push(given);
  }
  return valid;
}
