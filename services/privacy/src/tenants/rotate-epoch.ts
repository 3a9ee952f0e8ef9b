import type { Logger } from '@mysmtp/log';
import type { Model } from 'mongoose';
import type { TenantDocument } from './tenant.ts';
import { LostKeyError, unwrap, wrap } from './wrap.ts';
import type { Root, Roots } from '../keyring/roots.ts';

interface Means {
  readonly roots: Roots;
  readonly tenants: Model<TenantDocument>;
  readonly log: Logger;
}

/**
 * A new epoch: the master keys of all living tenants are wrapped again under a new root, and the
 * older roots are destroyed. What was wrapped under them and not wrapped again, the key of an erased
 * tenant, is dead wherever a copy of it may lie: in an oplog, a journal, a backup.
 */
export async function rotateEpoch(means: Means): Promise<{ epoch: string; rewrapped: number }> {
  const next = await means.roots.nextEpoch();
  await means.roots.retireEpochsBefore(next.id);
  return { epoch: next.id, rewrapped: await finishEpochs(means) };
}

/** Does what is left of a rotation that a crash may have ended; nothing where all is done. */
export async function finishEpochs(means: Means): Promise<number> {
  const { roots } = means;
  const living = await roots.living();
  const retired = living.filter((root) => root.kind === 'epoch' && root.retiredAt !== null);
  if (retired.length === 0) return 0;
  const current = await roots.currentEpoch();
  let rewrapped = 0;
  // Nobody puts a tenant under a retired epoch and leaves it there (activateTenant looks again), so
  // once a pass over all of them finds none left, there will be none.
  for (let left = 1; left > 0;) {
    left = 0;
    for (const { _id } of retired) {
      for await (const tenant of means.tenants.find({ epoch: _id }).lean()) {
        left += 1;
        if (await rewrap(tenant, current, means)) rewrapped += 1;
      }
    }
  }
  for (const { _id } of retired) await roots.destroy(_id);
  means.log.info('keyring.epoch_rotated', { root: current.id, count: rewrapped });
  return rewrapped;
}

/** Returns false where somebody changed the tenant meanwhile; the next pass looks at it again. */
async function rewrap(
  tenant: TenantDocument,
  current: Root,
  { roots, tenants }: Means,
): Promise<boolean> {
  if (tenant.epoch === null || tenant.wrapped === null) return false;
  const old = await roots.find(tenant.epoch);
  if (old === undefined) {
    // Another process has finished meanwhile, or else this tenant's key is lost.
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
