import type { Control } from '@mysmtp/broker';
import { broadcasts, type KeyId, type KeysDropped } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';

interface DropHandler {
  /** `null`: of all tenants, or all keys. */
  onDropped(tenant: string | null, ids: readonly KeyId[] | null): void;
  /** Drops may have been broadcast that nobody here has heard. */
  onMissed(): void;
}

/** Hears which keys were destroyed, as soon as they are. Returns what ends that. */
export function listenForDrops(
  { control, signed, log }: { control: Control; signed: Signed; log: Logger },
  handler: DropHandler,
): () => Promise<void> {
  return control.subscribe({
    bindings: broadcasts.keysDropped,
    async handle({ content }) {
      const heard = await signed.hear('keysDropped', content);
      if ('refused' in heard && heard.refused !== 'unreadable') return;
      const { tenant, ids } = 'said' in heard ? heard.said : everything;
      handler.onDropped(tenant, ids);
      log.info('keys.dropped', {
        ...(tenant === null ? undefined : { tenant }),
        ...(ids === null ? undefined : { key: ids }),
      });
    },
    onBound: () => handler.onMissed(),
  });
}

/** What privacy named in a form that is not known here: everything goes, which costs one request a tenant. */
const everything: Pick<KeysDropped, 'tenant' | 'ids'> = { tenant: null, ids: null };
