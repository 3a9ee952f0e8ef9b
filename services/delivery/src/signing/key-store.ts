import { createPrivateKey, type KeyObject } from 'node:crypto';
import { CodedError } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { open, seal } from '@mysmtp/seal';
import { octetsOf, type Clock } from '@mysmtp/service';
import type { Tenants, TenantScope } from '@mysmtp/tenancy';
import { dkimKeyRecord, newPrivateKey, newSelector, type DkimKeyModel } from './dkim-key.ts';

export interface DkimKey {
  readonly selector: string;
  readonly privateKey: KeyObject;
}

/** The DKIM keys of all domains, in delivery's database. */
export interface DkimKeyStore {
  /** The key of a domain; created if there is none yet. Throws a `TenantUnavailable`. */
  get(tenant: string, domainId: string): Promise<DkimKey>;
  /** Creates the key of a domain if there is none yet. */
  prepare(tenant: string, domainId: string): Promise<void>;
  /** Removes the key of a domain. If the tenant is fenced, the purge removes and counts it instead. */
  remove(domainId: string): Promise<boolean>;
  /** The selector of each domain that has a key. */
  selectors(): Promise<Map<string, string>>;
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

  async function find(tenant: string, domainId: string): Promise<DkimKey | undefined> {
    const found = await model.findById(domainId).lean();
    if (found === null || found.tenant !== tenant) return undefined;
    const { account } = await tenants.run(tenant, 'read', (scope) => scope.keys());
    const record = dkimKeyRecord(domainId);
    const key = open(account, { tenant, record }, octetsOf(found.privateKey));
    return {
      selector: found.selector,
      privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
    };
  }

  async function make(scope: TenantScope, domainId: string): Promise<void> {
    const { tenant } = scope;
    const { account } = await scope.keys();
    const privateKey = await newPrivateKey();
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    const record = dkimKeyRecord(domainId);
    const document = {
      _id: domainId,
      tenant,
      selector: newSelector(),
      privateKey: seal(account, { tenant, keyId: 'account', record }, der),
      createdAt: clock.now(),
    };
    // If another process was faster, its key is used.
    const { upsertedCount } = await model.updateOne(
      { _id: domainId },
      { $setOnInsert: document },
      { upsert: true },
    );
    if (upsertedCount === 1) log.info('dkim.key_created', { tenant, domain: domainId });
  }

  function prepare(tenant: string, domainId: string): Promise<void> {
    let prepared = underWay.get(domainId);
    if (prepared === undefined) {
      prepared = making
        .then(() => model.exists({ _id: domainId }))
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
      const found = await model.find({}, { selector: 1 }).lean();
      return new Map(found.map(({ _id, selector }) => [_id, selector]));
    },
  };
}
