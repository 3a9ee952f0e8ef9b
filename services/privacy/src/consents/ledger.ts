import { randomUUID } from 'node:crypto';
import { consentPurposes, type ConsentPurpose } from '@mysmtp/api';
import { day, TenantUnavailable } from '@mysmtp/contracts';
import { openCollection, type Clock } from '@mysmtp/service';
import type { BareScope, Tenants } from '@mysmtp/tenancy';
import { Schema, type Connection, type Model } from 'mongoose';
import { z } from 'zod';
import type { Sealing } from '../tenants/sealing.ts';

/** An entry of the ledger. Entries are added and, after their end, deleted; none is ever changed. */
interface ConsentDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly person: string;
  readonly at: Date;
  /** An `Entry`, sealed. */
  readonly content: string;
}

const Entry = z.object({
  purpose: z.string(),
  given: z.boolean(),
  /** SHA-256 of the text that the person saw. Of a withdrawal: of the text that it withdraws. */
  text: z.string(),
});
type Entry = z.infer<typeof Entry>;

const schema = new Schema<ConsentDocument>(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    person: { type: String, required: true },
    at: { type: Date, required: true },
    content: { type: String, required: true },
  },
  { versionKey: false },
)
  .index({ tenant: 1, person: 1 })
  .index({ at: 1 });

/** How long a consent that has ended is kept as proof (GDPR Art. 7(1)). */
export const consentRetention = 3 * 365 * day;

interface Person {
  readonly tenant: string;
  readonly id: string;
}

interface Current {
  readonly given: boolean;
  readonly at: Date;
  readonly text: string;
}

/** The consents of people who have an account (GDPR Art. 7). Without an entry there is no consent. */
export interface Consents {
  /** All entries, oldest first. */
  list(
    person: Person,
  ): Promise<readonly (Current & { readonly id: string; readonly purpose: string })[]>;
  /** The newest entry of each purpose, read anew each time. */
  current(person: Person): Promise<Partial<Record<ConsentPurpose, Current>>>;
  give(person: Person, purpose: ConsentPurpose, text: string): Promise<void>;
  /** Does nothing if there is no consent. */
  withdraw(person: Person, purpose: ConsentPurpose): Promise<void>;
  /** Adds an entry without a person, as the canary of an erasure. */
  plant(tenant: string): Promise<void>;
  /** Deletes the entries of a tenant. Returns how many there were. */
  purge(tenant: string): Promise<number>;
  /** Deletes the entries of each purpose whose consent ended before the retention. */
  expire(): Promise<void>;
}

/** A tenant that is being erased has no key. Its erasure deletes its entries. */
function withoutKey(error: unknown): [] {
  if (error instanceof TenantUnavailable) return [];
  throw error;
}

const recordOf = (id: string) => `consents:${id}`;

export async function openConsents(
  connection: Connection,
  deps: {
    readonly sealing: Sealing;
    readonly access: Pick<Tenants<BareScope>, 'run'>;
    readonly clock: Clock;
  },
): Promise<Consents> {
  const model = await openConsentModel(connection);
  const { sealing, access, clock } = deps;

  async function add({ tenant, id: person }: Person, entry: Entry): Promise<void> {
    await access.run(tenant, 'write', async () => {
      const _id = randomUUID();
      const content = await sealing.seal(tenant, recordOf(_id), entry);
      const newest = await model.findOne({ tenant, person }, { at: 1 }).sort({ at: -1 }).lean();
      // Two entries of a person never have the same time, so their order is certain.
      const at = Math.max(clock.now(), (newest?.at.getTime() ?? 0) + 1);
      await model.create({ _id, tenant, person, at: new Date(at), content });
    });
  }

  /** Oldest first. */
  async function entriesOf({ tenant, id }: Person) {
    const found = await model.find({ tenant, person: id }).sort({ at: 1 }).lean();
    return Promise.all(
      found.map(async ({ _id, at, content }) => ({
        _id,
        at,
        ...Entry.parse(await sealing.open(tenant, recordOf(_id), content)),
      })),
    );
  }

  async function current(person: Person) {
    const entries = await entriesOf(person);
    const newest = consentPurposes.flatMap((purpose) => {
      const last = entries.findLast((entry) => entry.purpose === purpose);
      return last === undefined ? [] : [[purpose, last] as const];
    });
    return Object.fromEntries(newest) as Partial<Record<ConsentPurpose, Current>>;
  }

  return {
    list: async (person) =>
      (await entriesOf(person)).map(({ _id: id, ...entry }) => ({ id, ...entry })),
    current,
    give: (person, purpose, text) => add(person, { purpose, given: true, text }),
    async withdraw(person, purpose) {
      const last = (await current(person))[purpose];
      if (last?.given === true) await add(person, { purpose, given: false, text: last.text });
    },
    plant: (tenant) => add({ tenant, id: 'canary' }, { purpose: '', given: false, text: '' }),
    async purge(tenant) {
      return (await model.deleteMany({ tenant })).deletedCount;
    },
    async expire() {
      const end = new Date(clock.now() - consentRetention);
      const old = await model.aggregate<{ _id: { tenant: string; person: string } }>([
        { $match: { at: { $lt: end } } },
        { $group: { _id: { tenant: '$tenant', person: '$person' } } },
      ]);
      for (const { _id: of } of old) {
        const person = { tenant: of.tenant, id: of.person };
        const entries = await entriesOf(person).catch(withoutKey);
        const ended = Object.values(Object.groupBy(entries, ({ purpose }) => purpose)).flatMap(
          (all = []) => {
            const last = all.at(-1);
            return last !== undefined && !last.given && last.at < end ? all : [];
          },
        );
        await model.deleteMany({ _id: { $in: ended.map(({ _id }) => _id) } });
      }
    },
  };
}

export async function openConsentModel(connection: Connection): Promise<Model<ConsentDocument>> {
  const model = connection.model<ConsentDocument>('Consent', schema, 'consents');
  await openCollection(model);
  return model;
}
