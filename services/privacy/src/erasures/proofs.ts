import { openReceipt } from '@mysmtp/certificate';
import type { StoredReceipt } from './answers.ts';
import type { ErasureDocument } from './ledger.ts';
import type { SagaMeans } from './means.ts';

type Proving = Pick<ErasureDocument, '_id' | 'subject' | 'commitment' | 'requestedAt'>;

/**
 * The receipts of an erasure that prove something by the registry and the keys of now. After an upgrade
 * or a new key of a service in the middle of it those from before prove nothing, and are asked for again.
 */
export async function provingReceipts(
  { _id: requestId, subject: { kind }, commitment, requestedAt }: Proving,
  {
    answers,
    registry,
    certificates: { published },
    clock,
  }: Pick<SagaMeans, 'answers' | 'registry' | 'certificates' | 'clock'>,
): Promise<StoredReceipt[]> {
  const from = requestedAt.toISOString();
  const until = new Date(clock.now()).toISOString();
  const subject = { kind, commitment };
  const asked = { requestId, subject, registry, published, from, until };
  const proving: StoredReceipt[] = [];
  for (const given of await answers.receipts(requestId)) {
    if ('receipt' in (await openReceipt(given, asked))) proving.push(given);
  }
  return proving;
}
