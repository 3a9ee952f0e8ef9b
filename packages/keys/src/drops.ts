import { openBroadcastListener, type BroadcastListener, type BrokerSettings } from '@mysmtp/broker';
import { broadcasts, KeysDropped, type KeyId } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';

interface DropHandler {
  /** `null`: of all tenants, or all keys. */
  onDropped(tenant: string | null, ids: readonly KeyId[] | null): void;
  /** Drops may have been broadcast that nobody here has heard. */
  onMissed(): void;
}

/** Hears which keys were destroyed, as soon as they are. */
export function listenForDrops(
  options: { broker: BrokerSettings; log: Logger },
  handler: DropHandler,
): Promise<BroadcastListener> {
  const { broker, log } = options;
  return openBroadcastListener({
    ...broker,
    bindings: broadcasts.keysDropped,
    handle({ content }) {
      const { tenant, ids } = parse(content, log);
      handler.onDropped(tenant, ids);
      log.info('keys.dropped', {
        ...(tenant === null ? undefined : { tenant }),
        ...(ids === null ? undefined : { key: ids }),
      });
    },
    onBound: () => handler.onMissed(),
  });
}

/** What an unreadable drop named is unknown, so everything goes: that costs one request a tenant. */
function parse(content: Buffer, log: Logger): Pick<KeysDropped, 'tenant' | 'ids'> {
  try {
    return KeysDropped.parse(JSON.parse(content.toString()));
  } catch (error) {
    log.error('keys.drop_unreadable', { error });
    return { tenant: null, ids: null };
  }
}
