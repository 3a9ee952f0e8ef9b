import { internalApis, isUnavailable, type DomainState } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Projection } from '@mysmtp/projection';
import { publicKeyOf } from '../signing/dkim-key.ts';
import type { DkimKeyStore } from '../signing/key-store.ts';
import type { Signer } from '../signing/signer.ts';

export interface DkimMaintenanceDeps {
  readonly projection: Projection;
  readonly keys: DkimKeyStore;
  readonly signer: Signer;
  /** Calls identity. */
  readonly identity: ServiceClient;
  readonly log: Logger;
}

/**
 * Creates a key when a domain is added, before its first mail, and reports it to identity, which shows the
 * DNS record and looks it up.
 */
export function followDomains(deps: DkimMaintenanceDeps): void {
  const { projection, keys, signer, log } = deps;
  /** One at a time: after an upgrade there are as many as domains. */
  let reporting: Promise<unknown> = Promise.resolve();
  projection.onChange((change) => {
    if (change.entity !== 'domain') return;
    const { id: domain, state } = change;
    if (state === null) {
      signer.forget(domain);
      keys.remove(domain).catch((error: unknown) => {
        log.warn('dkim.key_not_removed', { domain, error });
      });
      return;
    }
    if (state.dkimSelector !== undefined) void prepare(deps, state, domain);
    else reporting = reporting.then(() => report(deps, state, domain));
  });
}

/**
 * Repairs what failed when a domain changed: creates missing keys, reports those that identity does not
 * have, and removes keys without a domain.
 */
export async function reviewDkimKeys(deps: DkimMaintenanceDeps): Promise<void> {
  const { projection, keys, log } = deps;
  if (!projection.isReady()) return;
  const selectors = await keys.selectors();
  let isTaken = true;
  for (const [domain, state] of projection.all('domain')) {
    const selector = selectors.get(domain);
    selectors.delete(domain);
    if (selector !== undefined && (selector === state.dkimSelector || !isTaken)) continue;
    if (isTaken) isTaken = await report(deps, state, domain);
    else await prepare(deps, state, domain);
  }
  for (const domain of selectors.keys()) {
    if (projection.get('domain', domain) !== undefined) continue;
    if (await keys.remove(domain)) log.info('dkim.key_removed', { domain });
  }
}

/** False if there is no key. */
async function prepare(
  { keys, log }: DkimMaintenanceDeps,
  { tenant }: DomainState,
  domain: string,
): Promise<boolean> {
  try {
    await keys.prepare(tenant, domain);
    return true;
  } catch (error) {
    // No key is created for a fenced tenant.
    if (!isUnavailable(error, 'fenced'))
      log.warn('dkim.key_not_created', { tenant, domain, error });
    return false;
  }
}

/** False if identity does not take it. The next review is the retry. */
async function report(
  deps: DkimMaintenanceDeps,
  state: DomainState,
  domain: string,
): Promise<boolean> {
  const { keys, identity, log } = deps;
  const { tenant } = state;
  if (!(await prepare(deps, state, domain))) return true;
  try {
    const { selector, privateKey } = await keys.get(tenant, domain);
    const publicKey = publicKeyOf(privateKey);
    await identity.call(internalApis.reportDkimKey, { domain, selector, publicKey });
    return true;
  } catch (error) {
    if (isUnavailable(error, 'fenced')) return true;
    log.warn('dkim.key_not_reported', { tenant, domain, error });
    return false;
  }
}
