import { createPrivateKey, type KeyObject } from 'node:crypto';
import { CodedError } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { open, seal } from '@mysmtp/seal';
import { octetsOf, type Clock } from '@mysmtp/service';
import type { Tenants, TenantScope } from '@mysmtp/tenancy';
import {
  dkimKeyRecord,
  newEd25519Key,
  newRsaKey,
  newSelector,
  type DkimKeyModel,
} from './dkim-key.ts';

export interface DkimKey {
  readonly selector: string;
  readonly privateKey: KeyObject;
}

export interface DkimKeys {
  readonly rsa: DkimKey;
  /** Absent for a domain of an earlier release until `prepare` has created it. */
  readonly ed25519?: DkimKey;
}

/** The DKIM keys of all domains, in delivery's database. */
export interface DkimKeyStore {
  /** The keys of a domain; created if there are none yet. Throws a `TenantUnavailable`. */
  get(tenant: string, domainId: string): Promise<DkimKeys>;
  /** Creates the keys of a domain that do not exist yet. */
  prepare(tenant: string, domainId: string): Promise<void>;
  /** Removes the keys of a domain. If the tenant is fenced, the purge removes and counts them instead. */
  remove(domainId: string): Promise<boolean>;
  /** The selectors of each domain that has keys. */
  selectors(): Promise<Map<string, { readonly rsa: string; readonly ed25519: string | undefined }>>;
}

export function createDkimKeyStore(deps: {
  model: DkimKeyModel;
  tenants: Tenants;
  clock: Clock;
  log: Logger;
}): DkimKeyStore {
  const { model, tenants, clock, log } = deps;
  const underWay = new Map<string, Promise<void>>();
  /** One key at a time, because key generation keeps a core busy. */
  let making: Promise<unknown> = Promise.resolve();

  async function find(tenant: string, domainId: string): Promise<DkimKeys | undefined> {
    const found = await model.findById(domainId).lean();
    if (found === null || found.tenant !== tenant) return undefined;
    const { account } = await tenants.run(tenant, 'read', (scope) => scope.keys());
    const opened = (field: 'privateKey' | 'ed25519PrivateKey', sealed: Buffer): KeyObject => {
      const record = dkimKeyRecord(domainId, field);
      const key = open(account, { tenant, record }, octetsOf(sealed));
      return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    };
    const rsa = { selector: found.selector, privateKey: opened('privateKey', found.privateKey) };
    const { ed25519Selector: selector, ed25519PrivateKey: sealed } = found;
    if (selector === undefined || sealed === undefined) return { rsa };
    return { rsa, ed25519: { selector, privateKey: opened('ed25519PrivateKey', sealed) } };
  }

  async function make(scope: TenantScope, domainId: string): Promise<void> {
    const { tenant } = scope;
    const { account } = await scope.keys();
    const sealed = (field: 'privateKey' | 'ed25519PrivateKey', key: KeyObject): Buffer => {
      const context = { tenant, keyId: 'account', record: dkimKeyRecord(domainId, field) };
      return seal(account, context, key.export({ type: 'pkcs8', format: 'der' }));
    };
    const ed25519 = {
      ed25519Selector: newSelector(),
      ed25519PrivateKey: sealed('ed25519PrivateKey', newEd25519Key()),
    };
    // If another process was faster, its keys are used, here and below.
    const ofEarlierRelease = { _id: domainId, tenant, ed25519Selector: { $exists: false } };
    const { matchedCount } = await model.updateOne(ofEarlierRelease, { $set: ed25519 });
    if (matchedCount === 0) {
      const document = {
        _id: domainId,
        tenant,
        selector: newSelector(),
        privateKey: sealed('privateKey', await newRsaKey()),
        ...ed25519,
        createdAt: clock.now(),
      };
      const { upsertedCount } = await model.updateOne(
        { _id: domainId },
        { $setOnInsert: document },
        { upsert: true },
      );
      if (upsertedCount === 0) return;
    }
    log.info('dkim.key_created', { tenant, domain: domainId });
  }

  function prepare(tenant: string, domainId: string): Promise<void> {
    let prepared = underWay.get(domainId);
    if (prepared === undefined) {
      prepared = making
        .then(() => model.exists({ _id: domainId, ed25519Selector: { $exists: true } }))
        .then((found) =>
          found === null
            ? tenants.run(tenant, 'write', (scope) => make(scope, domainId))
            : undefined,
        )
        .finally(() => underWay.delete(domainId));
      underWay.set(domainId, prepared);
      making = prepared.catch(() => undefined);
    }
    return prepared;
  }

  return {
    prepare,
    async get(tenant, domainId) {
      const found = await find(tenant, domainId);
      if (found !== undefined) return found;
      await prepare(tenant, domainId);
      const made = await find(tenant, domainId);
      if (made === undefined) {
        throw new CodedError('dkim_key_of_other_tenant', 'The DKIM key belongs to another tenant');
      }
      return made;
    },
    async remove(domainId) {
      const found = await model.findById(domainId, { tenant: 1 }).lean();
      if (found === null || tenants.fencedBy(found.tenant) !== undefined) return false;
      return (await model.deleteOne({ _id: domainId })).deletedCount > 0;
    },
    async selectors() {
      const found = await model.find({}, { selector: 1, ed25519Selector: 1 }).lean();
      return new Map(
        found.map(({ _id, selector, ed25519Selector }) => [
          _id,
          { rsa: selector, ed25519: ed25519Selector },
        ]),
      );
    },
  };
}
