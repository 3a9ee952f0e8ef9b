import type { loggingApi } from '@mysmtp/api';
import { problems } from '@mysmtp/http';
import { mongo } from 'mongoose';
import type { z } from 'zod';
import { readCursor } from '../messages/cursor.ts';
import type { OpenRow } from '../messages/open-rows.ts';
import { parseRowId } from '../messages/row-id.ts';
import type { UsageLog } from '../messages/usage-log.ts';

type Asked = z.output<typeof loggingApi.searchMessages.body>;
type MessagePage = z.input<(typeof loggingApi.searchMessages.replies)[200]>;

/** One page of the log of a tenant. */
export async function answerPage(
  log: UsageLog,
  tenant: string,
  { cursor, limit = 50, ...filter }: Asked,
): Promise<MessagePage> {
  const below = cursor === undefined ? undefined : rowBelow(cursor);
  const { rows, next } = await orUnavailable(log.page(tenant, { ...filter, below, limit }));
  return { messages: rows.map(present), next };
}

/** Where a page begins: below the row of a cursor. A 400 problem for what is no cursor of ours. */
export function rowBelow(cursor: string): string {
  const rowId = readCursor(cursor);
  if (rowId !== undefined) return rowId;
  throw problems.invalid([{ path: 'cursor', message: 'This is no cursor of ours' }]);
}

/** One recipient of one message, as the API shows it. */
export function present({ row, facts, attempts }: OpenRow): MessagePage['messages'][number] {
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
