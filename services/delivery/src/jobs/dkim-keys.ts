import { internalApis, isUnavailable, type DomainState } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Projection } from '@mysmtp/projection';
import { publicKeyOf } from '../signing/dkim-key.ts';
import type { DkimKey, DkimKeyStore } from '../signing/key-store.ts';
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
 * Creates the keys when a domain is added, before its first mail, and reports them to identity, which shows
 * the DNS records and looks them up.
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
 * have, and removes keys without a domain. An Ed25519 key of a domain of an earlier release is reported here.
 */
export async function reviewDkimKeys(deps: DkimMaintenanceDeps): Promise<void> {
  const { projection, keys, log } = deps;
  if (!projection.isReady()) return;
  const selectors = await keys.selectors();
  let taken: Taken = 'all';
  for (const [domain, state] of projection.all('domain')) {
    const { rsa, ed25519 } = selectors.get(domain) ?? {};
    selectors.delete(domain);
    const isUnreported =
      (taken !== 'none' && rsa !== state.dkimSelector) ||
      (taken === 'all' && ed25519 !== state.ed25519Selector);
    if (isUnreported) taken = await report(deps, state, domain);
    else if (ed25519 === undefined) await prepare(deps, state, domain);
  }
  for (const domain of selectors.keys()) {
    if (projection.get('domain', domain) !== undefined) continue;
    if (await keys.remove(domain)) log.info('dkim.key_removed', { domain });
  }
}

/** False if there are no keys. */
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

/** Which keys identity takes now. In the release before, it takes no Ed25519 keys. */
type Taken = 'all' | 'rsa' | 'none';

/** If identity does not take a key, the next review is the retry. */
async function report(
  deps: DkimMaintenanceDeps,
  state: DomainState,
  domain: string,
): Promise<Taken> {
  const { keys, identity, log } = deps;
  const { tenant } = state;
  if (!(await prepare(deps, state, domain))) return 'all';
  try {
    const { rsa, ed25519 } = await keys.get(tenant, domain);
    const answer = await identity.call(internalApis.reportDkimKey, {
      domain,
      ...reported(rsa),
      ...(ed25519 && { ed25519: reported(ed25519) }),
    });
    return answer.ed25519 === undefined ? 'rsa' : 'all';
  } catch (error) {
    if (isUnavailable(error, 'fenced')) return 'all';
    log.warn('dkim.key_not_reported', { tenant, domain, error });
    return 'none';
  }
}

const reported = ({ selector, privateKey }: DkimKey) => ({
  selector,
  publicKey: publicKeyOf(privateKey),
});
