import { isUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Projection } from '@mysmtp/projection';
import type { DkimKeyStore } from '../signing/key-store.ts';
import type { Signer } from '../signing/signer.ts';

export interface DkimUpkeepMeans {
  readonly projection: Projection;
  readonly keys: DkimKeyStore;
  readonly signer: Signer;
  readonly log: Logger;
}

/** A domain has its key from its first minute: there before the first mail, and before anyone asks for its record. */
export function followDomains({ projection, keys, signer, log }: DkimUpkeepMeans): void {
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

/** What could not be done when the domain changed is done now: keys are made, those of no domain go. */
export async function reviewDkimKeys({ projection, keys, log }: DkimUpkeepMeans): Promise<void> {
  if (!projection.isWhole()) return;
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
    // A fenced tenant gets no key any more.
    if (!isUnavailable(error, 'fenced')) log.warn('dkim.key_not_made', { tenant, domain, error });
  }
}
