import type { DayCollections, RowCollection } from './day-collections.ts';
import { answers, conditionsOf, type Condition, type Question, type Values } from './question.ts';
import {
  acceptedAtOf,
  cursorAfter,
  lowestRowId,
  parseRowId,
  rowIdAt,
  rowsOfMessage,
} from './row-id.ts';
import type { Row } from './row.ts';
import { bucketBefore, narrowest, widening, type Bucket } from './time-buckets.ts';

export interface Page {
  /** Newest first. */
  readonly rows: readonly Row[];
  /** Cursor of the next page; `null` on the last one. */
  readonly next: string | null;
}

/** A client should learn soon that the database is away. */
const timeoutMS = 10_000;

/**
 * How many ids a question with several conditions may compare for each row of its page. If it needs more, the
 * page is shorter, and the next one continues.
 */
const comparedPerRow = 10;

/**
 * Reads time bucket by time bucket, back in time, until the page is full. A single condition is answered from
 * its index alone: only the rows of the page are read. With several, a server may also read the rows that one
 * of them has, if these are few.
 */
export async function findPage(days: DayCollections, question: Question): Promise<Page> {
  const { limit, below, after } = question;
  const conditions = conditionsOf(question);
  if (conditions === undefined) return { rows: [], next: null };
  const most = comparedPerRow * (limit + 1);
  const rows: Row[] = [];
  let found = 0;
  let end =
    below === undefined ? question.before : Math.min(question.before, acceptedAtOf(below) + 1);
  let width = narrowest;
  let compared = 0;
  while (end > after && compared < most) {
    const bucket = bucketBefore(end, after, width);
    const count = await putRarestFirst(days, question, conditions, bucket, most);
    // Rows of a single millisecond cannot be divided.
    if (count > most && bucket.below - bucket.from > 1) {
      width = Math.ceil((bucket.below - bucket.from) / widening);
      continue;
    }
    const wanted = limit - found;
    const ids = await idsInBucket(days.at(bucket.from), conditions, idsIn(bucket, below), wanted);
    const page = ids.slice(0, wanted);
    rows.push(...(await read(days.at(bucket.from), page, question)));
    found += page.length;
    if (ids.length > wanted) return { rows, next: cursorAfter(page.at(-1) ?? rowIdAt(end)) };
    compared += count;
    end = bucket.from;
    width *= widening;
  }
  return { rows, next: end > after ? cursorAfter(rowIdAt(end)) : null };
}

/**
 * Puts the first condition with few rows in the bucket before the others. What was rare in the bucket before
 * is counted first: a server may read all that it counts. Returns its number of rows; a single condition is
 * not counted.
 */
async function putRarestFirst(
  days: DayCollections,
  question: Question,
  conditions: Condition[],
  bucket: Bucket,
  most: number,
): Promise<number> {
  if (conditions.length < 2) return 0;
  const _id = idsIn(bucket, question.below);
  let fewest = Number.POSITIVE_INFINITY;
  for (const [at, condition] of [...conditions].entries()) {
    const counts = await Promise.all(
      condition.flat().map((values) => days.count(bucket.from, { ...values, _id }, most + 1)),
    );
    const count = counts.reduce((sum, one) => sum + one, 0);
    if (count < fewest) {
      fewest = count;
      conditions.unshift(...conditions.splice(at, 1));
    }
    if (count <= most) break;
  }
  return fewest;
}

/** Ids of the newest rows that meet all conditions, newest first: one more than wanted, if there are. */
async function idsInBucket(
  collection: RowCollection,
  [first = [], ...others]: readonly Condition[],
  bounds: IdBounds,
  wanted: number,
): Promise<string[]> {
  const most = others.length === 0 ? wanted + 1 : mostAtOnce;
  let ids = await idsBy(collection, first, bounds, most);
  for (const condition of others) {
    if (ids.length === 0) break;
    ids = await idsBy(collection, condition, { $in: ids }, most);
  }
  return ids.slice(0, wanted + 1);
}

/** More than there are rows in a millisecond. */
const mostAtOnce = 1_000_000;

type IdBounds = { readonly $gte: string; readonly $lt: string } | { readonly $in: string[] };

/** Ids of the rows that meet a condition, newest first. */
async function idsBy(
  collection: RowCollection,
  condition: Condition,
  _id: IdBounds,
  limit: number,
): Promise<string[]> {
  const found = new Set<string>();
  const find = async (values: Values): Promise<void> => {
    // All fields of the index and no others: then a server reads no row.
    const fields = Object.fromEntries(Object.keys(values).map((field) => [field, 1]));
    const ids = collection
      .find({ ...values, _id }, { projection: { ...fields, _id: 1 }, timeoutMS })
      .sort({ _id: -1 })
      .limit(limit);
    for (const row of await ids.toArray()) found.add(row._id);
  };
  for (const atOnce of condition) await Promise.all(atOnce.map(find));
  return [...found].sort().toReversed().slice(0, limit);
}

/** The rows with these ids, newest first, except what does not answer the question any more. */
async function read(
  collection: RowCollection,
  ids: readonly string[],
  question: Question,
): Promise<Row[]> {
  if (ids.length === 0) return [];
  const rows = await collection.find({ _id: { $in: [...ids] } }, { timeoutMS }).toArray();
  return rows.filter((row) => answers(row, question)).sort((a, b) => (a._id < b._id ? 1 : -1));
}

function idsIn(
  { from, below: end }: Bucket,
  below: string | undefined,
): { $gte: string; $lt: string } {
  const lowest = lowestRowId(end);
  return {
    $gte: lowestRowId(from),
    $lt: below !== undefined && below < lowest ? below : lowest,
  };
}

/** The rows of one message, by recipient. */
export async function findMessage(days: DayCollections, message: string): Promise<Row[]> {
  const acceptedAt = acceptedAtOf(message);
  const { from, below } = rowsOfMessage(message);
  const rows = await days
    .at(acceptedAt)
    .find({ _id: { $gte: from, $lt: below } }, { timeoutMS })
    .toArray();
  return rows.sort((a, b) => parseRowId(a._id).n - parseRowId(b._id).n);
}
