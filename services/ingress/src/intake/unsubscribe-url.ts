import type { SealingKeys } from '@mysmtp/keys';
import { addressIndex, sealUnsubscribe } from '@mysmtp/seal';
import type { Submission } from './submission.ts';

/** The link for the only recipient of a message. */
export function unsubscribeUrlOf(
  { tenant, recipients }: Pick<Submission, 'tenant' | 'recipients'>,
  keys: Pick<SealingKeys, 'account' | 'index'>,
  origin: string | undefined,
): string | undefined {
  const [recipient, ...others] = recipients;
  if (origin === undefined || recipient === undefined || others.length > 0) return undefined;
  const person = addressIndex(keys.index, recipient);
  return `${origin}/v1/unsubscribe/${sealUnsubscribe(keys.account, tenant, person)}`;
}
