import { PublishError, type Publisher } from '@mysmtp/broker';
import { routingKeys, type KeysDropped } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import { publishInTime } from '../publish-in-time.ts';

/**
 * Broadcasts that keys are destroyed. If the broker does not confirm, the caches expire within 60 s, and
 * a process that reconnects to the broker trusts none of its keys.
 */
export async function announceDropped(
  dropped: Omit<KeysDropped, 'v'>,
  { publisher, signed, log }: { publisher: Publisher; signed: Signed; log: Logger },
): Promise<void> {
  try {
    await publishInTime(publisher, {
      key: routingKeys.keysDropped,
      content: await signed.sign('keysDropped', { v: 1, ...dropped }),
      persistent: false,
    });
  } catch (error) {
    const reason = error instanceof PublishError ? error.kind : undefined;
    log.warn('keyring.drop_not_announced', { error, reason });
  }
}
