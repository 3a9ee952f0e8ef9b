import { randomUUID } from 'node:crypto';
import type { BreachDecision } from '@mysmtp/api';
import { day, operatorRealm } from '@mysmtp/contracts';
import { openCollection, type Clock } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';
import { z } from 'zod';
import type { Sealing } from '../tenants/sealing.ts';

/** What was recorded about a breach. */
export const Particulars = z.object({
  nature: z.string(),
  consequences: z.string(),
  measures: z.string(),
  /** Ids of stores in the registry. */
  stores: z.array(z.string()),
  /** Ids of the customers concerned; empty: all, or unknown. */
  tenants: z.array(z.string()),
});
export type Particulars = z.infer<typeof Particulars>;

interface EntryDocument {
  readonly at: Date;
  /** Who recorded it, as in the log. */
  readonly by: string;
  readonly kind: BreachDecision | 'recorded';
  /** `Particulars` of the first entry, a reason of the others; sealed under the operators' key. */
  readonly content: string;
}

/** A breach of personal data, also one that needs no notification (GDPR Art. 33(5)). */
export interface BreachDocument {
  readonly _id: string;
  /** When a human decided that we are aware: the clocks count from here. */
  readonly awareAt: Date;
  readonly authorityDueAt: Date;
  readonly customersDueAt: Date;
  /** When they were told, or it was decided that they need not be. */
  readonly authoritySettledAt: Date | null;
  readonly customersSettledAt: Date | null;
  readonly closedAt: Date | null;
  /** Entries are added, and never changed. */
  readonly entries: readonly EntryDocument[];
}

const moment = { type: Date, default: null };

const schema = new Schema<BreachDocument>(
  {
    _id: { type: String, required: true },
    awareAt: { type: Date, required: true, index: true },
    authorityDueAt: { type: Date, required: true },
    customersDueAt: { type: Date, required: true },
    authoritySettledAt: moment,
    customersSettledAt: moment,
    closedAt: moment,
    entries: [
      new Schema<EntryDocument>(
        {
          at: { type: Date, required: true },
          by: { type: String, required: true },
          kind: { type: String, required: true },
          content: { type: String, required: true },
        },
        { _id: false },
      ),
    ],
  },
  { versionKey: false },
);

export async function openBreachModel(connection: Connection): Promise<Model<BreachDocument>> {
  const model = connection.model<BreachDocument>('Breach', schema, 'breaches');
  await openCollection(model);
  return model;
}

/** How long the register keeps a breach. */
export const breachRetention = 5 * 365 * day;

/** The clocks: the authority (GDPR Art. 33(1)), and the customers (33(2)). */
export const clocks = ['authority', 'customers'] as const;
export type ClockName = (typeof clocks)[number];

/** Which clock a decision stops. */
const stops: Readonly<Partial<Record<BreachDecision, ClockName>>> = {
  'authority-told': 'authority',
  'authority-not-needed': 'authority',
  'customers-told': 'customers',
  'customers-not-needed': 'customers',
};

/** What a decision may be made on, and what it changes. */
export function changeOf(decision: BreachDecision, at: Date) {
  const clock = stops[decision];
  if (clock !== undefined) {
    const field = `${clock}SettledAt` as const;
    return { only: { [field]: null, closedAt: null }, set: { [field]: at } };
  }
  if (decision !== 'closed') return { only: { closedAt: null }, set: {} };
  const settled = { authoritySettledAt: { $ne: null }, customersSettledAt: { $ne: null } };
  return { only: { ...settled, closedAt: null }, set: { closedAt: at } };
}

/** The time until the next deadline of each clock, in milliseconds; negative: missed. */
export function remainingOf(
  breaches: readonly Pick<BreachDocument, `${ClockName}DueAt` | `${ClockName}SettledAt`>[],
  now: number,
): Partial<Record<ClockName, number>> {
  const open = clocks.flatMap((clock) => {
    const due = breaches
      .filter((breach) => breach[`${clock}SettledAt`] === null)
      .map((breach) => breach[`${clock}DueAt`].getTime());
    return due.length === 0 ? [] : [[clock, Math.min(...due) - now] as const];
  });
  return Object.fromEntries(open);
}

/** The register of breaches. */
export interface Breaches {
  record(by: string, awareAt: Date, particulars: Particulars): Promise<string>;
  list(): Promise<BreachDocument[]>;
  find(id: string): Promise<BreachDocument | null>;
  /** The sealed contents of its entries, in their order. */
  contentsOf(breach: BreachDocument): Promise<{ particulars: Particulars; reasons: string[] }>;
  /** False if it is closed, its clock is stopped already, or it cannot be closed yet. */
  decide(id: string, by: string, decision: BreachDecision, reason: string): Promise<boolean>;
  /** Deletes closed breaches after the retention. */
  expire(): Promise<void>;
  oldest(): Promise<number | undefined>;
}

const recordOf = (breach: string, entry: number) => `breaches:${breach}:${String(entry)}`;

export async function openBreaches(
  connection: Connection,
  deps: {
    readonly sealing: Sealing;
    /** Makes the key of the operators' realm. */
    readonly activate: (tenant: string) => Promise<unknown>;
    readonly clock: Clock;
    /** Milliseconds from awareness. */
    readonly deadlines: Readonly<Record<ClockName, number>>;
  },
): Promise<Breaches> {
  const model = await openBreachModel(connection);
  const { sealing, activate, clock, deadlines } = deps;

  return {
    async record(by, awareAt, particulars) {
      const _id = randomUUID();
      await activate(operatorRealm);
      const content = await sealing.seal(operatorRealm, recordOf(_id, 0), particulars);
      const due = (name: ClockName) => new Date(awareAt.getTime() + deadlines[name]);
      await model.create({
        _id,
        awareAt,
        authorityDueAt: due('authority'),
        customersDueAt: due('customers'),
        authoritySettledAt: null,
        customersSettledAt: null,
        closedAt: null,
        entries: [{ at: new Date(clock.now()), by, kind: 'recorded', content }],
      });
      return _id;
    },
    list: () => model.find().sort({ awareAt: -1 }).lean(),
    find: (id) => model.findById(id).lean(),
    async contentsOf({ _id, entries }) {
      const [first, ...rest] = await Promise.all(
        entries.map(({ content }, at) => sealing.open(operatorRealm, recordOf(_id, at), content)),
      );
      return { particulars: Particulars.parse(first), reasons: z.array(z.string()).parse(rest) };
    },
    async decide(id, by, decision, reason) {
      const at = new Date(clock.now());
      const { only, set } = changeOf(decision, at);
      for (;;) {
        const found = await model.findOne({ _id: id, ...only }, { entries: 1 }).lean();
        if (found === null) return false;
        const count = found.entries.length;
        const content = await sealing.seal(operatorRealm, recordOf(id, count), reason);
        // Another decision at the same time takes this place in the list; then the next one is tried.
        const changed = await model.updateOne(
          { _id: id, ...only, entries: { $size: count } },
          { $set: set, $push: { entries: { at, by, kind: decision, content } } },
        );
        if (changed.modifiedCount === 1) return true;
      }
    },
    async expire() {
      const before = new Date(clock.now() - breachRetention);
      await model.deleteMany({ awareAt: { $lt: before }, closedAt: { $ne: null } });
    },
    async oldest() {
      const first = await model.findOne({}, { awareAt: 1 }).sort({ awareAt: 1 }).lean();
      return first?.awareAt.getTime();
    },
  };
}
