import type { KeyObject } from 'node:crypto';
import { CodedError } from '@mysmtp/contracts';
import { FencedError, type Gate } from '@mysmtp/erasure';
import { KeyDestroyedError, type Keyring } from '@mysmtp/keys';
import type { Logger } from '@mysmtp/log';
import type { Projection } from '@mysmtp/projection';
import { open } from '@mysmtp/seal';
import type { Clock } from '@mysmtp/service';
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
  /** The field to send in front of the message; empty if the customer signs. Throws a `SigningUnavailable`, a `DomainRemoved`, or a `FencedError`. */
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
  /** What opened it: valid only as long as the keyring still has the same. */
  readonly account: KeyObject;
}

export function createSigner(options: {
  keys: DkimKeyStore;
  keyring: Keyring;
  projection: Projection;
  gate: Pick<Gate, 'closedFor'>;
  clock: Clock;
  log: Logger;
}): Signer {
  const { keys, keyring, projection, gate, clock, log } = options;
  const cache = new LRUCache<string, Cached>({ max: mostDomains });

  function cached(tenant: string, domainId: string): Cached | undefined {
    const entry = cache.get(domainId);
    if (entry === undefined || entry.tenant !== tenant) return undefined;
    const account = keyring.cached(tenant)?.account;
    return account?.equals(entry.account) === true ? entry : undefined;
  }

  async function load(tenant: string, domainId: string): Promise<Cached | undefined> {
    const state = projection.get('domain', domainId);
    if (state === undefined || state.tenant !== tenant) return undefined;
    const { account } = await keyring.sealingKeys(tenant);
    const sealed = Buffer.from(state.name, 'base64');
    const domain = open(account, { tenant, record: `domains:${domainId}:name` }, sealed).toString();
    const key = await keys.get(tenant, domainId);
    // It may have fallen meanwhile, and what is kept now would not be forgotten any more.
    if (gate.closedFor(tenant) !== undefined) throw new FencedError();
    const entry = { ...key, domain, tenant, account };
    cache.set(domainId, entry);
    return entry;
  }

  async function find(tenant: string, domainId: string): Promise<Cached | undefined> {
    try {
      return cached(tenant, domainId) ?? (await load(tenant, domainId));
    } catch (error) {
      if (error instanceof KeyDestroyedError) cache.delete(domainId);
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
        const key = cached(tenant, domain) ?? (await find(tenant, domain));
        if (key === undefined)
          throw new CodedError('domain_unknown', 'The domain is not known here');
        const header = head.toString('latin1', 0, endOfHeader(head));
        return await dkimSignature({ header, bodyHash, at: clock.now() }, key);
      } catch (error) {
        if (gate.closedFor(tenant) !== undefined) throw new FencedError();
        if (projection.isRemoved('domain', domain)) throw new DomainRemoved();
        log.warn('dkim.signing_unavailable', { message: id, tenant, domain, error });
        throw new SigningUnavailable(error);
      }
    },
    domainOf: find,
    forget: (domainId) => void cache.delete(domainId),
    forgetTenant(tenant) {
      for (const [domainId, entry] of [...cache]) {
        if (entry.tenant === tenant) cache.delete(domainId);
      }
    },
  };
}

function endOfHeader(head: Buffer): number {
  const end = head.indexOf('\r\n\r\n');
  return end === -1 ? head.length : end;
}
