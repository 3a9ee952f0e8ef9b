import type { Logger } from '@mysmtp/log';
import type { Model } from 'mongoose';
import type { TenantDocument } from './tenant.ts';
import { LostKeyError, unwrap, wrap } from './wrap.ts';
import type { Root, Roots } from '../keyring/roots.ts';

interface RotateEpochDeps {
  readonly roots: Roots;
  readonly tenants: Model<TenantDocument>;
  readonly log: Logger;
}

/**
 * Starts a new epoch: rewraps the master keys of all tenants that are not erased under a new root and
 * destroys the older roots. The key of an erased tenant is not rewrapped. It can never be opened again,
 * no matter which oplog, journal or backup has a copy.
 */
export async function rotateEpoch(
  deps: RotateEpochDeps,
): Promise<{ epoch: string; rewrapped: number }> {
  const next = await deps.roots.nextEpoch();
  await deps.roots.retireEpochsBefore(next.id);
  return { epoch: next.id, rewrapped: await finishEpochs(deps) };
}

/** Completes a rotation that a crash has interrupted. Does nothing if all is done. */
export async function finishEpochs(deps: RotateEpochDeps): Promise<number> {
  const { roots } = deps;
  const active = await roots.active();
  const retired = active.filter((root) => root.kind === 'epoch' && root.retiredAt !== null);
  if (retired.length === 0) return 0;
  const current = await roots.currentEpoch();
  let rewrapped = 0;
  // No process leaves a tenant under a retired epoch (activateTenant checks again). So once a pass finds
  // no such tenant, there will be none.
  for (let left = 1; left > 0;) {
    left = 0;
    for (const { _id } of retired) {
      for await (const tenant of deps.tenants.find({ epoch: _id }).lean()) {
        left += 1;
        if (await rewrap(tenant, current, deps)) rewrapped += 1;
      }
    }
  }
  for (const { _id } of retired) await roots.destroy(_id);
  deps.log.info('keyring.epoch_rotated', { root: current.id, count: rewrapped });
  return rewrapped;
}

/** Returns false if the tenant was changed meanwhile. The next pass reads it again. */
async function rewrap(
  tenant: TenantDocument,
  current: Root,
  { roots, tenants }: RotateEpochDeps,
): Promise<boolean> {
  if (tenant.epoch === null || tenant.wrapped === null) return false;
  const old = await roots.find(tenant.epoch);
  if (old === undefined) {
    // Another process has finished meanwhile. Otherwise this tenant's key is lost.
    if (await tenants.exists({ _id: tenant._id, epoch: tenant.epoch })) throw new LostKeyError();
    return false;
  }
  const master = unwrap(tenant.wrapped, tenant._id, old);
  const wrapped = wrap(master, tenant._id, current);
  master.fill(0);
  const written = await tenants.updateOne(
    { _id: tenant._id, version: tenant.version },
    { epoch: current.id, wrapped, $inc: { version: 1 } },
  );
  return written.modifiedCount === 1;
}
