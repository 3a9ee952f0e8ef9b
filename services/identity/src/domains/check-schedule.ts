import { minute } from '@mysmtp/contracts';
import type { mongo } from 'mongoose';
import type { DomainCheckCollection, DomainCheckDocument } from './check-model.ts';
import type { DomainDocument } from './model.ts';

/** What a check leaves. */
export type CheckOutcome = Pick<
  DomainCheckDocument,
  'results' | 'checkedAt' | 'broken' | 'taken'
> & {
  readonly dueAt: number | undefined;
  readonly ownershipLostAt: number | undefined;
};

/** When each domain is checked, and by which process. */
export interface CheckSchedule {
  /** Adds a domain, unless it is there. `dueAt` is `undefined` for a domain that is used without DNS. */
  add(tenant: string, id: string, dueAt: number | undefined): Promise<void>;
  /** Changes when a domain is checked next. */
  plan(id: string, dueAt: number | undefined): Promise<void>;
  find(id: string): Promise<DomainCheckDocument | undefined>;
  remove(id: string): Promise<void>;
  /** One domain that matches and that no process is checking. It is leased to this process. */
  lease(which: mongo.Filter<DomainCheckDocument>): Promise<DomainCheckDocument | undefined>;
  /** Stores the outcome and ends the lease, unless another process has the domain by now. */
  save(leased: DomainCheckDocument, outcome: CheckOutcome): Promise<void>;
  /** Ids of all domains that are in the schedule. */
  ids(): Promise<Set<string>>;
  measure(kinds: readonly string[]): Promise<ScheduleMeasures>;
}

export interface ScheduleMeasures {
  /** Domains that had a record and have it no more, by kind of record. */
  readonly broken: Readonly<Record<string, number>>;
  /** Milliseconds since the epoch; `undefined` if nothing is due. */
  readonly oldestDue: number | undefined;
}

/** Far longer than the lookups of one domain take. */
const leaseTime = 120_000;

/** The owner of a claim needs time to publish its records. A domain that is used without DNS has no check. */
export function firstCheck(
  { status, dkim }: Pick<DomainDocument, 'status' | 'dkim'>,
  now: number,
): number | undefined {
  if (dkim === 'assumed') return undefined;
  return now + (status === 'unverified' ? 5 * minute : 0);
}

const due = (dueAt: number | undefined) =>
  dueAt === undefined ? { $unset: { dueAt: true as const } } : { $set: { dueAt } };

export function createCheckSchedule(deps: {
  readonly collection: DomainCheckCollection;
  readonly clock: { now(): number };
}): CheckSchedule {
  const { collection, clock } = deps;
  return {
    async add(tenant, id, dueAt) {
      const document = { tenant, broken: [], taken: false, ...(dueAt !== undefined && { dueAt }) };
      await collection.updateOne({ _id: id }, { $setOnInsert: document }, { upsert: true });
    },
    async plan(id, dueAt) {
      await collection.updateOne({ _id: id }, due(dueAt));
    },
    find: async (id) => (await collection.findOne({ _id: id })) ?? undefined,
    async remove(id) {
      await collection.deleteOne({ _id: id });
    },
    async lease(which) {
      const now = clock.now();
      const leased = await collection.findOneAndUpdate(
        { ...which, leasedUntil: { $not: { $gt: now } } },
        { $set: { leasedUntil: now + leaseTime } },
        { sort: { dueAt: 1 }, returnDocument: 'after' },
      );
      return leased ?? undefined;
    },
    async save({ _id, leasedUntil = 0, dueAt: plannedAt }, { dueAt, ownershipLostAt, ...outcome }) {
      const ours = { _id, leasedUntil };
      // A plan that was made during the check stays. The lease ends last: until then the domain is due.
      const unchanged = { ...ours, dueAt: plannedAt ?? { $exists: false } };
      await collection.updateOne(unchanged, due(dueAt));
      const isLost = ownershipLostAt !== undefined;
      await collection.updateOne(ours, {
        $set: { ...outcome, ...(isLost && { ownershipLostAt }) },
        $unset: { leasedUntil: true, ...(!isLost && { ownershipLostAt: true }) },
      });
    },
    async ids() {
      const found = await collection.find({}, { projection: { _id: 1 } }).toArray();
      return new Set(found.map(({ _id }) => _id));
    },
    async measure(kinds) {
      const counts = kinds.map(
        async (kind) => [kind, await collection.countDocuments({ broken: kind })] as const,
      );
      const oldest = await collection.findOne(
        { dueAt: { $lte: clock.now() } },
        { sort: { dueAt: 1 } },
      );
      return { broken: Object.fromEntries(await Promise.all(counts)), oldestDue: oldest?.dueAt };
    },
  };
}
