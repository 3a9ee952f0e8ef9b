import { randomBytes } from 'node:crypto';
import { CodedError } from '@mysmtp/contracts';
import { isDuplicateKey, type Clock } from '@mysmtp/service';
import type { Model } from 'mongoose';
import { secretLength } from '../keyring/derive.ts';
import type { Roots } from '../keyring/roots.ts';
import type { TenantDocument } from './tenant.ts';
import { wrap } from './wrap.ts';

type Settled = Exclude<TenantDocument['state'], 'preparing'>;

/** Other processes may change the tenant at the same time. In each round one of them makes progress. */
const rounds = 10;

/**
 * Makes the key of a new tenant. A known tenant keeps its state and key; this matters most for an erased
 * one. The key is written as `preparing`, then its epoch is checked again, then the tenant becomes
 * `active`. If the epoch is retired meanwhile, either its rotation finds the document, or the second
 * check finds that the epoch is over. So no tenant ends up under a destroyed root.
 */
export async function activateTenant(
  tenant: string,
  deps: { tenants: Model<TenantDocument>; roots: Roots; clock: Clock },
): Promise<Settled> {
  const { tenants, roots } = deps;
  for (let round = 0; round < rounds; round += 1) {
    const known = await tenants.findById(tenant).lean();
    if (known !== null && known.state !== 'preparing') return known.state;
    const prepared = await prepare(tenant, known, deps);
    if (prepared === undefined) continue;
    const epoch = await roots.currentEpoch();
    if (epoch.id !== prepared.epoch) continue;
    const confirmed = await tenants.updateOne(
      { _id: tenant, state: 'preparing', version: prepared.version },
      { state: 'active', $inc: { version: 1 } },
    );
    if (confirmed.modifiedCount === 1) return 'active';
  }
  throw new CodedError('tenant_busy', 'The tenant is being changed too often to be activated');
}

/** Makes a new key, in a new document or in one that another attempt left `preparing`. */
async function prepare(
  tenant: string,
  known: TenantDocument | null,
  { tenants, roots, clock }: Parameters<typeof activateTenant>[1],
): Promise<TenantDocument | undefined> {
  const epoch = await roots.currentEpoch();
  const master = randomBytes(secretLength);
  const key = { epoch: epoch.id, wrapped: wrap(master, tenant, epoch) };
  master.fill(0);
  if (known !== null) {
    const taken = await tenants
      .findOneAndUpdate(
        { _id: tenant, state: 'preparing', version: known.version },
        { ...key, $inc: { version: 1 } },
        { returnDocument: 'after' },
      )
      .lean();
    return taken ?? undefined;
  }
  const fresh: TenantDocument = {
    _id: tenant,
    state: 'preparing',
    ...key,
    version: 1,
    createdAt: new Date(clock.now()),
  };
  try {
    await tenants.create(fresh);
    return fresh;
  } catch (error) {
    if (isDuplicateKey(error)) return undefined;
    throw error;
  }
}
