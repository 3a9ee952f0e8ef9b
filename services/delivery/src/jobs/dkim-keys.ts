import { isUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Projection } from '@mysmtp/projection';
import type { DkimKeyStore } from '../signing/key-store.ts';
import type { Signer } from '../signing/signer.ts';

export interface DkimMaintenanceDeps {
  readonly projection: Projection;
  readonly keys: DkimKeyStore;
  readonly signer: Signer;
  readonly log: Logger;
}

/** Creates a key when a domain is added: before its first mail and before a request for its DNS record. */
export function followDomains({ projection, keys, signer, log }: DkimMaintenanceDeps): void {
  projection.onChange((change) => {
    if (change.entity !== 'domain') return;
    const domain = change.id;
    if (change.state === null) {
      signer.forget(domain);
      keys.remove(domain).catch((error: unknown) => {
        log.warn('dkim.key_not_removed', { domain, error });
      });
      return;
    }
    void prepare(keys, log, change.state.tenant, domain);
  });
}

/** Repairs what failed when a domain changed: creates missing keys and removes keys without a domain. */
export async function reviewDkimKeys({
  projection,
  keys,
  log,
}: DkimMaintenanceDeps): Promise<void> {
  if (!projection.isReady()) return;
  const there = new Set(await keys.domains());
  for (const [domain, { tenant }] of projection.all('domain')) {
    if (there.delete(domain)) continue;
    await prepare(keys, log, tenant, domain);
  }
  for (const domain of there) {
    if (projection.get('domain', domain) !== undefined) continue;
    if (await keys.remove(domain)) log.info('dkim.key_removed', { domain });
  }
}

async function prepare(
  keys: DkimKeyStore,
  log: Logger,
  tenant: string,
  domain: string,
): Promise<void> {
  try {
    await keys.prepare(tenant, domain);
  } catch (error) {
    // No key is created for a fenced tenant.
    if (!isUnavailable(error, 'fenced'))
      log.warn('dkim.key_not_created', { tenant, domain, error });
  }
}
