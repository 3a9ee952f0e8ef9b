import type { loggingApi } from '@mysmtp/api';
import { problems } from '@mysmtp/http';
import { mongo } from 'mongoose';
import type { z } from 'zod';
import { lastReplyOf, type Row } from '../messages/row.ts';
import { readCursor, parseRowId } from '../messages/row-id.ts';
import type { OpenRow } from '../messages/open-rows.ts';
import type { UsageLog } from '../messages/usage-log.ts';

type Asked = Omit<z.output<typeof loggingApi.searchMessages.body>, 'purpose'>;
type MessagePage = z.input<(typeof loggingApi.searchMessages.replies)[200]>;

/** One page of a tenant's log. */
export async function answerPage(
  log: UsageLog,
  tenant: string,
  { cursor, limit = 50, ...filter }: Asked,
): Promise<MessagePage> {
  const below = cursor === undefined ? undefined : rowBelow(cursor);
  const { rows, next } = await orUnavailable(log.page(tenant, { ...filter, below, limit }));
  return { messages: rows.map(present), next };
}

/** The start of a page: below the row of a cursor. An invalid cursor is a 400 problem. */
export function rowBelow(cursor: string): string {
  const rowId = readCursor(cursor);
  if (rowId !== undefined) return rowId;
  throw problems.invalid([{ path: 'cursor', message: 'Invalid cursor' }]);
}

/** One recipient of one message, as the API shows it. */
export function present({
  row,
  details,
  attempts,
  restricted,
}: OpenRow): MessagePage['messages'][number] {
  return {
    id: parseRowId(row._id).message,
    acceptedAt: row.acceptedAt.toISOString(),
    messageId: details.messageId,
    sender: details.sender,
    recipient: details.recipient,
    tags: details.tags ?? [],
    accepted: details.accepted ?? null,
    status: row.status,
    lastReply: lastReplyOf(row),
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    attempts: [...attempts],
    restricted,
  };
}

type StateReply = z.input<(typeof loggingApi.showMessageState.replies)[200]>;

/** One recipient of one message, for operators: nothing that is sealed, and no blind index. */
export function presentState(row: Row): StateReply['recipients'][number] {
  return {
    n: parseRowId(row._id).n,
    tenant: row.tenant,
    acceptedAt: row.acceptedAt.toISOString(),
    status: row.status,
    attempts: row.attempts?.length ?? row.attemptCount ?? 0,
    siteClass: row.siteClass ?? null,
    lastReply: lastReplyOf(row),
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
  };
}

/** If something that the log needs is unavailable, the answer is 503: a retry will help. */
export async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isAway(error)) {
      throw problems.unavailable('The usage log is temporarily unavailable');
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
