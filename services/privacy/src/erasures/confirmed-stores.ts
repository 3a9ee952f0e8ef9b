import { randomUUID } from 'node:crypto';
import { activateTenant } from '../tenants/activate.ts';
import type { ErasureDocument } from './ledger.ts';
import type { SagaDeps } from './deps.ts';
import { requestErasure } from './request.ts';

/** What an erasure waits for until the canaries are confirmed. */
export const unconfirmed = ({ version }: { readonly version: number }): string =>
  `canaries of registry ${String(version)}`;

/**
 * The erasure with the stores in which the verifier has found canaries under the current coverage.
 * Results from before an upgrade with another coverage do not count: a store may be new, or be searched
 * by another path. Nothing can be planted for a fenced tenant, so canaries of another tenant are used.
 * Results of a later erasure count here too, because verifier, stores and paths are the same. If there is
 * no later erasure, a substitute tenant is created and erased in the ordinary way. `undefined`: not
 * confirmed yet.
 */
export async function withConfirmedStores(
  erasure: ErasureDocument,
  deps: SagaDeps,
): Promise<ErasureDocument | undefined> {
  const {
    registry: { version },
    ledger,
    log,
  } = deps;
  const { _id, subject, requestedAt, seenUnder } = erasure;
  if (seenUnder === version) return erasure;
  const later = {
    _id: { $ne: _id },
    'subject.kind': subject.kind,
    requestedAt: { $gte: requestedAt },
  };
  const planted = await ledger
    .findOne({ ...later, seenUnder: version, step: { $ne: 'planting' } })
    .lean();
  if (planted !== null) {
    const confirmed = { seen: planted.seen, seenUnder: version };
    await ledger.updateOne({ _id }, confirmed);
    return { ...erasure, ...confirmed };
  }
  if ((await ledger.exists({ ...later, step: 'planting' })) === null) {
    const standIn = randomUUID();
    await activateTenant(standIn, deps);
    await requestErasure({ kind: 'tenant', tenant: standIn }, deps);
    log.info('erasure.substitute_tenant_created', { erasure: _id, tenant: standIn });
  }
  return undefined;
}
