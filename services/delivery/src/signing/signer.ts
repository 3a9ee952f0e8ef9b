import type { KeyObject } from 'node:crypto';
import { CodedError, TenantUnavailable, type DomainState } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Projection } from '@mysmtp/projection';
import { open } from '@mysmtp/seal';
import type { Clock } from '@mysmtp/service';
import type { ProjectedScope, Tenants } from '@mysmtp/tenancy';
import { LRUCache } from 'lru-cache';
import type { Message } from '../message/message.ts';
import type { DkimKey, DkimKeyStore } from './key-store.ts';
import { dkimSignature } from './sign.ts';

/** We are to sign and cannot now. The message waits: it is never sent unsigned. */
export class SigningUnavailable extends CodedError {
  constructor(cause: unknown) {
    super('signing_unavailable', 'The message cannot be signed now', { cause });
    this.name = 'SigningUnavailable';
  }
}

/** We are to sign for a domain that was removed from the account: its key will never be there again. */
export class DomainRemoved extends Error {
  constructor() {
    super('The domain of the sender was removed');
    this.name = 'DomainRemoved';
  }
}

/** A sender domain with its key, as a signature and its DNS record need them. */
export interface SigningDomain extends DkimKey {
  readonly domain: string;
}

/** A message whose content is not the one of its acceptance any more. */
export interface Recoded {
  /** The header section. */
  readonly header: Buffer;
  /** As the envelope has it. */
  readonly bodyHash: string;
}

export interface Signer {
  /**
   * The field to send in front of the message; empty if the customer signs. Throws a
   * `SigningUnavailable`, a `DomainRemoved`, or a `TenantUnavailable` if the tenant is fenced.
   */
  signatureOf(message: Message, recoded?: Recoded): Promise<string>;
  /** The name and key of a tenant's domain, made if there is none yet; `undefined` for no domain of the tenant. */
  domainOf(tenant: string, domainId: string): Promise<SigningDomain | undefined>;
  /** Nothing may be signed for this domain any more. */
  forget(domainId: string): void;
  forgetTenant(tenant: string): void;
}

/** Domains whose keys are in memory; another one costs a read of the database. */
const mostDomains = 10_000;

interface Cached extends SigningDomain {
  readonly tenant: string;
  /** What opened it: valid only as long as the tenant still has the same. */
  readonly account: KeyObject;
}

export function createSigner(options: {
  keys: DkimKeyStore;
  tenants: Tenants<ProjectedScope>;
  projection: Pick<Projection, 'isRemoved'>;
  clock: Clock;
  log: Logger;
}): Signer {
  const { keys, tenants, projection, clock, log } = options;
  const cache = new LRUCache<string, Cached>({ max: mostDomains });

  async function load(
    { tenant, name }: DomainState,
    domainId: string,
    account: KeyObject,
  ): Promise<Cached> {
    const sealed = Buffer.from(name, 'base64');
    const domain = open(account, { tenant, record: `domains:${domainId}:name` }, sealed).toString();
    const key = await keys.get(tenant, domainId);
    // A fence may have fallen meanwhile, and what is kept now would not be forgotten any more.
    tenants.refuseFenced(tenant);
    const entry = { ...key, domain, tenant, account };
    cache.set(domainId, entry);
    return entry;
  }

  async function find(tenant: string, domainId: string): Promise<Cached | undefined> {
    try {
      const state = tenants.run(tenant, 'read', (scope) => scope.domain(domainId));
      if (state === undefined) return undefined;
      const { account } = await tenants.run(tenant, 'read', (scope) => scope.keys());
      const entry = cache.get(domainId);
      const isValid = entry?.tenant === tenant && account.equals(entry.account);
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
        const key = await find(tenant, domain);
        if (key === undefined)
          throw new CodedError('domain_unknown', 'The domain is not known here');
        const header = head.toString('latin1', 0, endOfHeader(head));
        return await dkimSignature({ header, bodyHash, at: clock.now() }, key);
      } catch (error) {
        tenants.refuseFenced(tenant);
        if (projection.isRemoved('domain', domain)) throw new DomainRemoved();
        log.warn('dkim.signing_unavailable', { message: id, tenant, domain, error });
        throw new SigningUnavailable(error);
      }
    },
    domainOf: find,
    forget: (domainId) => void cache.delete(domainId),
    forgetTenant(tenant) {
      // The cache must not change under the walk over it.
      const entries = [...cache];
      for (const [domainId, entry] of entries) if (entry.tenant === tenant) cache.delete(domainId);
    },
  };
}

function endOfHeader(head: Buffer): number {
  const end = head.indexOf('\r\n\r\n');
  return end === -1 ? head.length : end;
}
