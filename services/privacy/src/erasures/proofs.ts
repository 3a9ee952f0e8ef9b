import { openReceipt } from '@mysmtp/certificate';
import { answeringStores } from '@mysmtp/contracts';
import type { StoredReceipt } from './answers.ts';
import type { SagaMeans } from './means.ts';

/**
 * The receipts of an erasure that prove something by the registry and the keys of now. After an upgrade
 * or a new key of a service in the middle of it those from before prove nothing, and are asked for again.
 */
export async function provingReceipts(
  requestId: string,
  { answers, registry, certificates }: Pick<SagaMeans, 'answers' | 'registry' | 'certificates'>,
): Promise<StoredReceipt[]> {
  const { serviceKeys } = certificates;
  const stores = answeringStores(registry);
  const asked = { requestId, version: registry.version, stores, serviceKeys };
  const proving: StoredReceipt[] = [];
  for (const given of await answers.receipts(requestId)) {
    if ('receipt' in (await openReceipt(given, asked))) proving.push(given);
  }
  return proving;
}
