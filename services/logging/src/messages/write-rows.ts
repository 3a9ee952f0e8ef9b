import { day } from '@mysmtp/contracts';
import { isDuplicateKey } from '@mysmtp/service';
import { mongo } from 'mongoose';
import type { DayCollections, RowCollection } from './day-collections.ts';
import { acceptedAtOf } from './row-id.ts';
import { absentFields, type Row } from './row.ts';

/** Rows to write. `inserted` rows are in the database already, from an older state. */
export interface Writes {
  readonly fresh: readonly Row[];
  readonly inserted: readonly Row[];
}

/** How many rows the database already had in the same or a newer state. */
export interface Written {
  readonly ignored: number;
}

/** Longest wait for a database that is away. */
const timeoutMS = 5_000;

/**
 * Makes these rows durable. A new row is one insert; an existing row is updated if its state is older. On
 * both supported servers a bulk insert costs a tenth of as many updates, upserts included.
 */
export async function writeRows(days: DayCollections, writes: Writes): Promise<Written> {
  let ignored = 0;
  for (const [time, { fresh, inserted }] of byDay(writes)) {
    const collection = await days.ready(time);
    const there = await insert(collection, fresh);
    const updates = [...there, ...inserted];
    if (updates.length === 0) continue;
    const unmatched = updates.length - (await update(collection, updates));
    ignored += unmatched;
    // The erasure of a person removes rows. What follows about the message does not name the person.
    if (unmatched > 0) ignored -= inserted.length - (await insert(collection, inserted)).length;
  }
  return { ignored };
}

/** Returns the rows that existed already. */
async function insert(collection: RowCollection, rows: readonly Row[]): Promise<Row[]> {
  if (rows.length === 0) return [];
  try {
    await collection.insertMany([...rows], { ordered: false, timeoutMS });
    return [];
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    // A broken connection causes the same error, without details of single rows.
    const failures = [error.writeErrors].flat();
    if (failures.length === 0 || !failures.every(isDuplicateKey)) throw error;
    return failures.flatMap(({ index }) => rows[index] ?? []);
  }
}

/** Returns how many rows had an older state. */
async function update(collection: RowCollection, rows: readonly Row[]): Promise<number> {
  const result = await collection.bulkWrite(
    rows.map(({ _id, ...state }) => {
      const absent = absentFields(state);
      const $unset = Object.fromEntries(absent.map((field) => [field, 1 as const]));
      return {
        updateOne: {
          filter: { _id, rev: { $lt: state.rev } },
          update: { $set: state, ...(absent.length > 0 && { $unset }) },
        },
      };
    }),
    { ordered: false, timeoutMS },
  );
  return result.matchedCount;
}

function byDay({ fresh, inserted }: Writes): Map<number, { fresh: Row[]; inserted: Row[] }> {
  const days = new Map<number, { fresh: Row[]; inserted: Row[] }>();
  const of = (row: Row) => {
    const at = acceptedAtOf(row._id);
    const start = at - (at % day);
    let group = days.get(start);
    if (group === undefined) days.set(start, (group = { fresh: [], inserted: [] }));
    return group;
  };
  for (const row of fresh) of(row).fresh.push(row);
  for (const row of inserted) of(row).inserted.push(row);
  return days;
}
