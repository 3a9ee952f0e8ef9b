import { randomUUID } from 'node:crypto';
import { activateTenant } from '../tenants/activate.ts';
import type { ErasureDocument } from './ledger.ts';
import type { SagaMeans } from './means.ts';
import { requestErasure } from './request.ts';

/** What an erasure waits for while it is not known. */
export const unseen = ({ version }: { readonly version: number }): string =>
  `canaries of registry ${String(version)}`;

/**
 * The erasure with the stores that the verifier is known to see under the coverage of now. After an
 * upgrade with another coverage those from before do not count: a store may be new or found by another
 * path. Nothing can be planted for a fenced tenant, so it is planted for another one: what was seen in
 * an erasure that was asked for later counts here too, for it is the same verifier, stores and paths. If
 * there is none, a tenant is made for it and erased in the ordinary way. `undefined`: not known yet.
 */
export async function withSight(
  erasure: ErasureDocument,
  means: SagaMeans,
): Promise<ErasureDocument | undefined> {
  const {
    registry: { version },
    ledger,
    log,
  } = means;
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
    const sight = { seen: planted.seen, seenUnder: version };
    await ledger.updateOne({ _id }, sight);
    return { ...erasure, ...sight };
  }
  if ((await ledger.exists({ ...later, step: 'planting' })) === null) {
    const standIn = randomUUID();
    await activateTenant(standIn, means);
    await requestErasure({ kind: 'tenant', tenant: standIn }, means);
    log.info('erasure.stand_in_made', { erasure: _id, tenant: standIn });
  }
  return undefined;
}
