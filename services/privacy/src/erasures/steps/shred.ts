import { dayPurposes, type DayPurpose } from '@mysmtp/contracts';
import { SealError } from '@mysmtp/seal';
import { announceDropped } from '../../keyring/announce.ts';
import { rotateEpoch } from '../../tenants/rotate-epoch.ts';
import type { Root } from '../../keyring/roots.ts';
import { unwrap } from '../../tenants/wrap.ts';
import type { ErasureDocument, LastWrappedKey } from '../ledger.ts';
import type { SagaDeps, Turn } from '../deps.ts';

const store = 'privacy.tenants';

/**
 * Destroys the tenant's key and the root that wrapped it. Proves that the last wrapped key, which an
 * oplog or a backup still has, opens under none of the remaining roots.
 */
export async function shred(erasure: ErasureDocument, deps: SagaDeps): Promise<Turn> {
  const lastWrappedKey = await removeKey(erasure, deps);
  if (lastWrappedKey === undefined) return { waitingFor: [store] };
  const { epoch, wrapped } = lastWrappedKey;
  if ((await deps.roots.find(epoch)) !== undefined) await rotateEpoch(deps);
  await announceDropped({ tenant: erasure.subject.tenant, ids: null }, deps);

  const active = await activeRoots(deps);
  const opening = wrapped === null ? [] : active.filter((root) => opens(wrapped, erasure, root));
  if (opening.length > 0) {
    deps.log.error('erasure.key_still_valid', {
      erasure: erasure._id,
      root: opening.map(({ id }) => id),
    });
    await deps.ledger.updateOne({ _id: erasure._id }, { leftovers: [store] });
    return { waitingFor: [store] };
  }
  const jws = await deps.receipts.sign({
    requestId: erasure._id,
    subject: { kind: erasure.subject.kind, commitment: erasure.commitment },
    store,
    matched: 1,
    matchedBy: 'removal',
    deleted: 1,
  });
  const given = { requestId: erasure._id, store, deleted: 1 };
  await deps.answers.receipt(given, jws, deps.clock.now());
  return {
    next: 'sweeping_again',
    changes: {
      leftovers: [],
      // The roots were tried in an earlier round, while the wrapped key was still there. That is the
      // proof.
      ...(wrapped === null
        ? {}
        : {
            lastWrappedKey: { epoch, wrapped: null },
            destroyedKeys: [epoch, 'account', 'index', ...active.flatMap(dayKeyOf)],
            triedRoots: active.map(({ id }) => id),
          }),
    },
  };
}

/**
 * Stores the wrapped key in the ledger before it deletes it from the tenant, and deletes it only if it is
 * unchanged. The reason: a rotation for another tenant may rewrap the key in between, and the proof needs
 * the last root. So a copy that was read under an older root never replaces it either. If the key is
 * already gone, the step continues with the stored copy. If a process crashed after storing it, the next
 * run deletes the key.
 */
async function removeKey(
  { _id, subject: { tenant }, step }: ErasureDocument,
  { tenants, ledger }: SagaDeps,
): Promise<LastWrappedKey | undefined> {
  const known = await tenants.findById(tenant).lean();
  if (known === null || known.epoch === null || known.wrapped === null) {
    const entry = await ledger.findById(_id).lean();
    return entry?.lastWrappedKey ?? undefined;
  }
  const lastWrappedKey = { epoch: known.epoch, wrapped: known.wrapped };
  const older = {
    $or: [{ lastWrappedKey: null }, { 'lastWrappedKey.epoch': { $lte: known.epoch } }],
  };
  await ledger.updateOne({ _id, step, ...older }, { lastWrappedKey });
  const removed = await tenants.updateOne(
    { _id: tenant, version: known.version },
    { state: 'erased', epoch: null, wrapped: null, $inc: { version: 1 } },
  );
  return removed.modifiedCount === 1 ? lastWrappedKey : undefined;
}

async function activeRoots({ roots }: SagaDeps): Promise<Root[]> {
  const found: Root[] = [];
  for (const { _id } of await roots.active()) {
    const root = await roots.find(_id);
    if (root !== undefined) found.push(root);
  }
  return found;
}

function opens(wrapped: string, { subject: { tenant } }: ErasureDocument, root: Root): boolean {
  try {
    unwrap(wrapped, tenant, root).fill(0);
    return true;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}

/** The root of the day is kept for other tenants. The tenant's key of that day needed both secrets. */
function dayKeyOf({ id }: Root): string[] {
  const purpose = dayPurposes.find((name: DayPurpose) => id.startsWith(`${name}-`));
  return purpose === undefined ? [] : [`${purpose}:${id.slice(purpose.length + 1)}`];
}
