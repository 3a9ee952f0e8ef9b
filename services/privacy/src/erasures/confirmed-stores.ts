import { randomUUID } from 'node:crypto';
import { commitmentTo } from '@mysmtp/contracts';
import { activateTenant } from '../tenants/activate.ts';
import type { ErasureDocument } from './ledger.ts';
import type { SagaDeps } from './deps.ts';
import { newNonce, requestErasure, requestErasureOfPerson } from './request.ts';

/** What an erasure waits for until the canaries are confirmed. */
export const unconfirmed = ({ version }: { readonly version: number }): string =>
  `canaries of registry ${String(version)}`;

/**
 * The erasure with the stores in which the verifier has found canaries under the current coverage.
 * Results from before an upgrade with another coverage do not count: a store may be new, or be searched
 * by another path. Nothing can be planted for a fenced tenant, so canaries of another tenant are used.
 * Results of a later erasure count here too, because verifier, stores and paths are the same. If there is
 * no later erasure, a substitute tenant is created and erased in the ordinary way, or a substitute person.
 * `undefined`: not confirmed yet.
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
  if ((await ledger.exists({ ...later, step: 'planting' })) !== null) return undefined;
  if (subject.kind === 'tenant') {
    const tenant = randomUUID();
    await activateTenant(tenant, deps);
    await requestErasure({ kind: 'tenant', tenant }, deps, { substitute: true });
    log.info('erasure.substitute_tenant_created', { erasure: _id, tenant });
  } else {
    await requestSubstitutePerson(subject.tenant, deps);
    log.info('erasure.substitute_person_requested', { erasure: _id, tenant: subject.tenant });
  }
  return undefined;
}

/** An address that does not exist, in the data of the same tenant: nothing else can be planted for it. */
async function requestSubstitutePerson(tenant: string, deps: SagaDeps): Promise<void> {
  const address = `${randomUUID()}@canary.invalid`;
  const { commitment } = commitmentTo({ kind: 'person', address }, newNonce());
  const person = await deps.personOf(tenant, address);
  const subject = { kind: 'person', tenant, person } as const;
  await requestErasureOfPerson({ subject, commitment, substitute: true }, deps);
}
