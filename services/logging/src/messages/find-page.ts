import { statuses as allStatuses, type Status } from '@mysmtp/contracts';
import { cursorAfter, acceptedAtOf, lowestRowId, parseRowId, rowsOfMessage } from './row-id.ts';
import type { DayCollections } from './day-collections.ts';
import type { Row } from './row.ts';
import { bucketsBack, type Bucket } from './time-buckets.ts';

/** A tenant's query of its usage log. The times bound acceptance: at `after` or later, before `before`. */
export interface Question {
  readonly tenant: string;
  readonly status?: Status | undefined;
  readonly senderIndex?: string | undefined;
  readonly recipientIndex?: string | undefined;
  readonly after: number;
  readonly before: number;
  /** Id of the last row of the previous page. */
  readonly below?: string | undefined;
  readonly limit: number;
}

export interface Page {
  /** Newest first. */
  readonly rows: readonly Row[];
  /** Cursor of the next page; `null` on the last one. */
  readonly next: string | null;
}

/** A client should learn soon that the database is away. */
const timeoutMS = 10_000;

export async function findPage(days: DayCollections, question: Question): Promise<Page> {
  const { limit, below } = question;
  const rows: Row[] = [];
  const end =
    below === undefined ? question.before : Math.min(question.before, acceptedAtOf(below) + 1);
  for (const bucket of bucketsBack(question.after, end)) {
    rows.push(...(await findInBucket(days, question, bucket)));
    if (rows.length > limit) break;
  }
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: rows.length > limit && last ? cursorAfter(last._id) : null };
}

/**
 * Queries each status separately, with an index that covers the whole query, in the order of a message's
 * states. So a row that changes meanwhile may appear twice but is never missed.
 */
async function findInBucket(
  days: DayCollections,
  question: Question,
  bucket: Bucket,
): Promise<Row[]> {
  const { tenant, senderIndex, recipientIndex, below, limit } = question;
  const from = lowestRowId(bucket.from);
  const end = lowestRowId(bucket.below);
  const _id = { $gte: from, $lt: below !== undefined && below < end ? below : end };
  // An index value is an HMAC under the tenant's own key, so it selects the tenant as well.
  const who =
    senderIndex === undefined && recipientIndex === undefined
      ? { tenant }
      : {
          ...(senderIndex === undefined ? {} : { senderIndex }),
          ...(recipientIndex === undefined ? {} : { recipientIndex }),
        };

  const found = new Map<string, Row>();
  const collection = days.at(bucket.from);
  for (const status of question.status === undefined ? allStatuses : [question.status]) {
    const query = collection
      .find({ ...who, status, _id }, { timeoutMS })
      .sort({ _id: -1 })
      // A recipient may have more rows in a day than fit into memory.
      .limit(limit + 1);
    for (const row of await query.toArray()) {
      const known = found.get(row._id);
      const isNewer = known === undefined || known.rev < row.rev;
      if (row.tenant === tenant && isNewer) found.set(row._id, row);
    }
  }
  return [...found.values()].sort((a, b) => (a._id < b._id ? 1 : -1)).slice(0, limit + 1);
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
