import { Attempt, Status } from '@mysmtp/contracts';
import { problems, type Caller } from '@mysmtp/http';
import { mongo } from 'mongoose';
import { z } from 'zod';
import { readCursor } from '../messages/cursor.ts';
import type { OpenRow } from '../messages/open-rows.ts';
import { parseRowId } from '../messages/row-id.ts';
import type { UsageLog } from '../messages/usage-log.ts';

/** One recipient of one message, as the API shows it. Times are RFC 3339. */
const MessageRow = z.strictObject({
  id: z.string(),
  acceptedAt: z.string(),
  messageId: z.string(),
  sender: z.string(),
  recipient: z.string(),
  status: Status,
  nextAttemptAt: z.string().nullable(),
  attempts: z.array(Attempt),
});

export const MessagePage = z.strictObject({
  messages: z.array(MessageRow),
  next: z.string().nullable(),
});

export const MessageRows = z.strictObject({ messages: z.array(MessageRow) });

export function present({ row, facts, attempts }: OpenRow): z.infer<typeof MessageRow> {
  return {
    id: parseRowId(row._id).message,
    acceptedAt: row.acceptedAt.toISOString(),
    messageId: facts.messageId,
    sender: facts.sender,
    recipient: facts.recipient,
    status: row.status,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    attempts: [...attempts],
  };
}

/** RFC 3339 5.6: `t` and `z` may be small. */
const time = z
  .string()
  .toUpperCase()
  .meta({ format: 'date-time' })
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => Date.parse(text));

/** An address as it stands in a mail client or in a log: with blanks or angle brackets around it. */
const address = z
  .string()
  .max(1_000)
  .transform((text) =>
    text
      .trim()
      .replace(/^<(.*)>$/s, '$1')
      .trim(),
  );

const cursor = z.string().transform((text, context) => {
  const rowId = readCursor(text);
  if (rowId === undefined) context.addIssue('This is no cursor of ours');
  return rowId;
});

/** What can be asked in a URL; an empty value counts as absent. Nothing personal may stand here. */
export const ListQuery = z.strictObject({
  status: orAbsent(Status),
  after: orAbsent(time).describe('Accepted then or later'),
  before: orAbsent(time).describe('Accepted earlier'),
  limit: orAbsent(z.coerce.number<string>().int().min(1).max(500)).describe('Default 50'),
  cursor: orAbsent(cursor).describe('`next` of the page before'),
});

/** The same in a body, and beside it addresses, which never stand in a URL. */
export const SearchBody = z.strictObject({
  status: Status.optional(),
  after: time.optional(),
  before: time.optional(),
  limit: z.int().min(1).max(500).optional(),
  cursor: cursor.optional(),
  sender: address.optional(),
  recipient: address.optional(),
});

function orAbsent<Value, Text>(schema: z.ZodType<Value, Text>) {
  return z
    .literal('')
    .transform(() => undefined)
    .or(schema)
    .optional();
}

type Asked = z.infer<typeof SearchBody>;

/** One page of the log. */
export async function answerPage(
  log: UsageLog,
  caller: Caller,
  { cursor: below, limit = 50, ...filter }: Asked,
): Promise<z.infer<typeof MessagePage>> {
  const { rows, next } = await orUnavailable(
    log.page(tenantOf(caller), { ...filter, below, limit }),
  );
  return { messages: rows.map(present), next };
}

/** The routes of the log are open to owners only. */
export function tenantOf(caller: Caller): string {
  if (caller.role !== 'owner') throw problems.forbidden();
  return caller.tenant;
}

/** What the log needs to answer and cannot have now is a 503: asking again will help. */
export async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isAway(error)) {
      throw problems.unavailable('The usage log cannot be read now');
    }
    throw error;
  }
}

function isAway(error: unknown): boolean {
  return (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoSystemError ||
    error instanceof mongo.MongoOperationTimeoutError
  );
}
