import { dayPurposes, type DayPurpose } from '@mysmtp/contracts';
import { SealError } from '@mysmtp/seal';
import { announceDropped } from '../../keyring/announce.ts';
import { rotateEpoch } from '../../tenants/rotate-epoch.ts';
import type { Root } from '../../keyring/roots.ts';
import { unwrap } from '../../tenants/wrap.ts';
import type { ErasureDocument, Evidence } from '../ledger.ts';
import type { SagaMeans, Turn } from '../means.ts';

const store = 'privacy.tenants';

/**
 * Destroys the tenant's key and the root that wrapped it, and shows that the key as it was wrapped
 * last, which an oplog or a backup still has, opens under no root that is left.
 */
export async function shred(erasure: ErasureDocument, means: SagaMeans): Promise<Turn> {
  const evidence = await removeKey(erasure, means);
  if (evidence === undefined) return { waitingFor: [store] };
  const { epoch, wrapped } = evidence;
  if ((await means.roots.find(epoch)) !== undefined) await rotateEpoch(means);
  await announceDropped({ tenant: erasure.subject.tenant, ids: null }, means);

  const living = await livingRoots(means);
  const alive = wrapped === null ? [] : living.filter((root) => opens(wrapped, erasure, root));
  if (alive.length > 0) {
    means.log.error('erasure.key_alive', { erasure: erasure._id, root: alive.map(({ id }) => id) });
    await means.ledger.updateOne({ _id: erasure._id }, { leftovers: [store] });
    return { waitingFor: [store] };
  }
  const jws = await means.receipts.sign({
    requestId: erasure._id,
    subject: { kind: erasure.subject.kind, commitment: erasure.commitment },
    store,
    matched: 1,
    matchedBy: 'removal',
    deleted: 1,
  });
  const given = { requestId: erasure._id, store, deleted: 1 };
  await means.answers.receipt(given, jws, means.clock.now());
  return {
    next: 'sweeping_again',
    changes: {
      leftovers: [],
      // Tried in an earlier round, when the key as it was wrapped was still there: that is the proof.
      ...(wrapped === null
        ? {}
        : {
            evidence: { epoch, wrapped: null },
            destroyedKeys: [epoch, 'account', 'index', ...living.flatMap(dayKeyOf)],
            triedRoots: living.map(({ id }) => id),
          }),
    },
  };
}

/**
 * Written down before it is removed, and removed only as it was written down: a rotation for another
 * tenant may wrap it anew in between, and what counts is the root that it lay under last. For the same
 * reason nobody replaces it by what he read under an older root. Whoever finds the key gone goes on with
 * what is written down, and whoever dies in between leaves a key that the next one removes.
 */
async function removeKey(
  { _id, subject: { tenant }, step }: ErasureDocument,
  { tenants, ledger }: SagaMeans,
): Promise<Evidence | undefined> {
  const known = await tenants.findById(tenant).lean();
  if (known === null || known.epoch === null || known.wrapped === null) {
    const entry = await ledger.findById(_id).lean();
    return entry?.evidence ?? undefined;
  }
  const evidence = { epoch: known.epoch, wrapped: known.wrapped };
  const older = { $or: [{ evidence: null }, { 'evidence.epoch': { $lte: known.epoch } }] };
  await ledger.updateOne({ _id, step, ...older }, { evidence });
  const removed = await tenants.updateOne(
    { _id: tenant, version: known.version },
    { state: 'erased', epoch: null, wrapped: null, $inc: { version: 1 } },
  );
  return removed.modifiedCount === 1 ? evidence : undefined;
}

async function livingRoots({ roots }: SagaMeans): Promise<Root[]> {
  const found: Root[] = [];
  for (const { _id } of await roots.living()) {
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

/** The day's root lives for the others; the tenant's key of that day needed both. */
function dayKeyOf({ id }: Root): string[] {
  const purpose = dayPurposes.find((name: DayPurpose) => id.startsWith(`${name}-`));
  return purpose === undefined ? [] : [`${purpose}:${id.slice(purpose.length + 1)}`];
}
