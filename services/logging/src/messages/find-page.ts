import type { DayCollections, RowCollection } from './day-collections.ts';
import { conditionsOf, statusesOf, type Condition, type Question } from './question.ts';
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
 * How many rows a question with several conditions may examine for each row of its page. If it needs more,
 * the page is shorter, and the next one continues.
 */
const examinedPerRow = 10;

/**
 * Reads time bucket by time bucket, back in time, until the page is full. One condition is answered by its
 * index alone. Of several, the index of one is read, and the others are checked.
 */
export async function findPage(days: DayCollections, question: Question): Promise<Page> {
  const { limit, below, after } = question;
  const conditions = conditionsOf(question);
  const most = examinedPerRow * (limit + 1);
  const rows: Row[] = [];
  let end =
    below === undefined ? question.before : Math.min(question.before, acceptedAtOf(below) + 1);
  let width = narrowest;
  let examined = 0;
  while (end > after && rows.length <= limit && examined < most) {
    const bucket = bucketBefore(end, after, width);
    const read = await chooseCondition(days, question, conditions, bucket, most);
    // Rows of a single millisecond cannot be divided.
    if (read.count > most && bucket.below - bucket.from > 1) {
      width = Math.ceil((bucket.below - bucket.from) / widening);
      continue;
    }
    rows.push(...(await findInBucket(days, question, read, bucket)));
    examined += read.count;
    end = bucket.from;
    width *= widening;
  }
  if (rows.length > limit) {
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return { rows: page, next: last === undefined ? null : cursorAfter(last._id) };
  }
  return { rows, next: end > after ? cursorAfter(rowIdAt(end)) : null };
}

/** More than there are rows in a millisecond. */
const mostAtOnce = 1_000_000;

/** The condition whose index is read, the other ones, and how many rows it examines. */
interface Read {
  readonly by: Condition;
  readonly others: readonly Condition[];
  readonly count: number;
}

/** The first condition with few rows in the bucket, or the last one. A single condition is not counted. */
async function chooseCondition(
  days: DayCollections,
  question: Question,
  conditions: readonly Condition[],
  bucket: Bucket,
  most: number,
): Promise<Read> {
  let chosen: Read = { by: conditions[0] ?? {}, others: [], count: 0 };
  if (conditions.length < 2) return chosen;
  const status = { $in: statusesOf(question) };
  for (const by of conditions) {
    const rows = { ...by, status, _id: idsIn(bucket, question.below) };
    const count = await days.count(bucket.from, rows, most + 1);
    chosen = { by, others: conditions.filter((one) => one !== by), count };
    if (count <= most) break;
  }
  return chosen;
}

/**
 * Queries each status separately, with an index that covers the whole query, in the order of a message's
 * states. So a row that changes meanwhile may appear twice but is never missed.
 */
async function findInBucket(
  days: DayCollections,
  question: Question,
  { by, others }: Read,
  bucket: Bucket,
): Promise<Row[]> {
  const { tenant, below, limit } = question;
  const _id = idsIn(bucket, below);
  const found = new Map<string, Row>();
  for (const status of statusesOf(question)) {
    for (const row of await query(
      days.at(bucket.from),
      { ...by, status, _id },
      others,
      limit + 1,
    )) {
      const known = found.get(row._id);
      const isNewer = known === undefined || known.rev < row.rev;
      if (row.tenant === tenant && isNewer) found.set(row._id, row);
    }
  }
  return [...found.values()].sort((a, b) => (a._id < b._id ? 1 : -1)).slice(0, limit + 1);
}

/** The limit matters: a recipient may have more rows in a day than fit into memory. */
function query(
  collection: RowCollection,
  rows: Condition,
  others: readonly Condition[],
  limit: number,
): Promise<Row[]> {
  const sort = { _id: -1 } as const;
  if (others.length === 0)
    return collection.find(rows, { timeoutMS }).sort(sort).limit(limit).toArray();
  // A limit between the matches, so that the database does not join them and choose another index.
  const stages = [
    { $match: rows },
    { $sort: sort },
    { $limit: mostAtOnce },
    { $match: { $and: others } },
    { $limit: limit },
  ];
  return collection.aggregate<Row>(stages, { timeoutMS }).toArray();
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

/** The rows of one message, by recipient. Empty if it was accepted before `oldest`. */
export async function findMessage(
  days: DayCollections,
  message: string,
  oldest: number,
): Promise<Row[]> {
  const acceptedAt = acceptedAtOf(message);
  if (acceptedAt < oldest) return [];
  const { from, below } = rowsOfMessage(message);
  const rows = await days
    .at(acceptedAt)
    .find({ _id: { $gte: from, $lt: below } }, { timeoutMS })
    .toArray();
  return rows.sort((a, b) => parseRowId(a._id).n - parseRowId(b._id).n);
}
