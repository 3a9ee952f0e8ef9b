import type { KeyObject } from 'node:crypto';
import { CodedError, TenantUnavailable, type DomainState } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Projection } from '@mysmtp/projection';
import { open } from '@mysmtp/seal';
import type { Clock } from '@mysmtp/service';
import type { ProjectedScope, Tenants } from '@mysmtp/tenancy';
import { LRUCache } from 'lru-cache';
import type { Message } from '../message/message.ts';
import type { DkimKeyStore } from './key-store.ts';
import { dkimSignatures, type SigningKey } from './sign.ts';

/** Signing is required but impossible now. The message waits and is never sent unsigned. */
export class SigningUnavailableError extends CodedError {
  constructor(cause: unknown) {
    super('signing_unavailable', 'The message cannot be signed now', { cause });
    this.name = 'SigningUnavailableError';
  }
}

/** Signing is required for a domain that was removed from the account. Its key never returns. */
export class DomainRemovedError extends Error {
  constructor() {
    super('The domain of the sender was removed');
    this.name = 'DomainRemovedError';
  }
}

/** A sender domain with its keys, as signatures and their DNS records need them. */
export interface SigningDomain {
  readonly rsa: SigningKey;
  readonly ed25519: SigningKey | undefined;
}

/** A message whose content was changed after its acceptance. */
export interface Recoded {
  /** The header section. */
  readonly header: Buffer;
  /** In the same form as in the envelope. */
  readonly bodyHash: string;
}

export interface Signer {
  /**
   * The DKIM-Signature fields to send before the message: one for each key of the domain that DNS publishes.
   * Empty if the customer signs, or if DNS publishes no key, because many receivers rate a broken signature
   * worse than none. Throws a `SigningUnavailableError`, a `DomainRemovedError`, or a `TenantUnavailable` if
   * the tenant is fenced.
   */
  signatureOf(message: Message, recoded?: Recoded): Promise<string>;
  /** A domain's name and keys, created if necessary; `undefined` if it is not the tenant's domain. */
  domainOf(tenant: string, domainId: string): Promise<SigningDomain | undefined>;
  /** Drops the cached keys of this domain, for which nothing may be signed any more. */
  forget(domainId: string): void;
  forgetTenant(tenant: string): void;
}

/** Domains whose keys are cached. Another domain needs a database query. */
const mostDomains = 10_000;

interface Cached extends SigningDomain {
  readonly tenant: string;
  /** The account key that opened this entry. The entry is valid only while the tenant has the same key. */
  readonly account: KeyObject;
  /** The Ed25519 key that identity named then. Another process may have made it after this entry. */
  readonly named: string | undefined;
}

export function createSigner(deps: {
  keys: DkimKeyStore;
  tenants: Tenants<ProjectedScope>;
  projection: Pick<Projection, 'get' | 'isRemoved'>;
  clock: Clock;
  log: Logger;
  /** A message is sent unsigned, because DNS publishes no key of its domain. */
  onUnpublished: () => void;
}): Signer {
  const { keys, tenants, projection, clock, log, onUnpublished } = deps;
  const cache = new LRUCache<string, Cached>({ max: mostDomains });

  async function load(
    { tenant, name, ed25519Selector: named }: DomainState,
    domainId: string,
    account: KeyObject,
  ): Promise<Cached> {
    const sealed = Buffer.from(name, 'base64');
    const domain = open(account, { tenant, record: `domains:${domainId}:name` }, sealed).toString();
    const { rsa, ed25519 } = await keys.get(tenant, domainId);
    // A fence may have been applied meanwhile. An entry that is cached after it would not be dropped any
    // more.
    tenants.refuseFenced(tenant);
    const entry = {
      rsa: { ...rsa, domain },
      ed25519: ed25519 && { ...ed25519, domain },
      tenant,
      account,
      named,
    };
    cache.set(domainId, entry);
    return entry;
  }

  async function find(tenant: string, domainId: string): Promise<Cached | undefined> {
    try {
      const found = tenants.run(tenant, 'read', (scope) => {
        const state = scope.domain(domainId);
        return state && { state, keys: scope.keys() };
      });
      if (found === undefined) return undefined;
      const { state, keys: held } = found;
      // No promise if they are here already: this is done for each message.
      const { account } = held instanceof Promise ? await held : held;
      const entry = cache.get(domainId);
      const isValid =
        entry?.tenant === tenant &&
        entry.named === state.ed25519Selector &&
        account.equals(entry.account);
      return isValid ? entry : await load(state, domainId, account);
    } catch (error) {
      if (error instanceof TenantUnavailable && !error.passes) cache.delete(domainId);
      throw error;
    }
  }

  return {
    async signatureOf({ envelope, content, tenant, id }, recoded) {
      if (envelope.signing === null) return '';
      const { domain } = envelope.signing;
      const { bodyHash } = recoded ?? envelope.signing;
      const head = recoded?.header ?? (await content.head());
      try {
        const found = await find(tenant, domain);
        if (found === undefined)
          throw new CodedError('domain_unknown', 'The domain is not known here');
        const published = publishedKeys(projection.get('domain', domain), found);
        if (published.length === 0) {
          onUnpublished();
          return '';
        }
        const header = head.toString('latin1', 0, endOfHeader(head));
        return await dkimSignatures({ header, bodyHash, at: clock.now() }, published);
      } catch (error) {
        tenants.refuseFenced(tenant);
        if (projection.isRemoved('domain', domain)) throw new DomainRemovedError();
        log.warn('dkim.signing_unavailable', { message: id, tenant, domain, error });
        throw new SigningUnavailableError(error);
      }
    },
    domainOf: find,
    forget: (domainId) => void cache.delete(domainId),
    forgetTenant(tenant) {
      // A copy, because the cache must not change during the iteration.
      const entries = [...cache];
      for (const [domainId, entry] of entries) if (entry.tenant === tenant) cache.delete(domainId);
    },
  };
}

/**
 * The keys that identity has last seen in DNS: sending never waits for a lookup. Identity of an earlier release
 * says nothing about DNS, and everything was signed with RSA. RSA is first, because every verifier knows it
 * (RFC 8463 5).
 */
function publishedKeys(
  state: DomainState | undefined,
  { rsa, ed25519 }: SigningDomain,
): SigningKey[] {
  const { dkim, dkimSelector } = state ?? {};
  const isAssumed = dkim === 'assumed';
  const isRsa =
    dkim === undefined || isAssumed || (dkim === 'published' && dkimSelector === rsa.selector);
  const isEd25519 =
    ed25519 !== undefined &&
    state?.ed25519Selector === ed25519.selector &&
    (isAssumed || state.ed25519 === 'published');
  return [...(isRsa ? [rsa] : []), ...(isEd25519 ? [ed25519] : [])];
}

function endOfHeader(head: Buffer): number {
  const end = head.indexOf('\r\n\r\n');
  return end === -1 ? head.length : end;
}
