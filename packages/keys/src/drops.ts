import type { Control } from '@mysmtp/broker';
import { broadcasts, type KeyId, type KeysDropped } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';

interface DropHandler {
  /** `null`: of all tenants, or all keys. */
  onDropped(tenant: string | null, ids: readonly KeyId[] | null): void;
  /** Broadcasts about destroyed keys may have been missed. */
  onMissed(): void;
}

/** Receives the broadcasts about destroyed keys. Returns the function that ends it. */
export function listenForDrops(
  { control, signed, log }: { control: Control; signed: Signed; log: Logger },
  handler: DropHandler,
): () => Promise<void> {
  return control.subscribe({
    bindings: broadcasts.keysDropped,
    async handle({ content }) {
      const verified = await signed.verify('keysDropped', content);
      if ('refused' in verified && verified.refused !== 'unreadable') return;
      const { tenant, ids } = 'payload' in verified ? verified.payload : everything;
      handler.onDropped(tenant, ids);
      log.info('keys.dropped', {
        ...(tenant === null ? undefined : { tenant }),
        ...(ids === null ? undefined : { key: ids }),
      });
    },
    onBound: () => handler.onMissed(),
  });
}

/**
 * If privacy named keys in a form that is unknown here, all are dropped. That costs one request for each
 * tenant.
 */
const everything: Pick<KeysDropped, 'tenant' | 'ids'> = { tenant: null, ids: null };
