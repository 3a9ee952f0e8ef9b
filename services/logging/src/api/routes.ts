import { loggingApi } from '@mysmtp/api';
import { type PublishedKeySet, isMessageId } from '@mysmtp/contracts';
import { serve, type Route, problems, type Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { UsageLog } from '../messages/usage-log.ts';
import { answerPage, orUnavailable, present } from './answer.ts';

export function routes(usageLog: UsageLog, log: Logger, published: PublishedKeySet): Route[] {
  return serve(loggingApi)({
    showKeys: async () => ({ status: 200, body: published }),
    listMessages: async ({ query, principal }) => ({
      status: 200,
      body: await answerPage(usageLog, principal.tenant, query),
    }),
    searchMessages: async ({ body, principal }) => ({
      status: 200,
      body: await answerPage(usageLog, principal.tenant, body),
    }),
    getMessage: getMessage(usageLog, log),
  });
}

function getMessage(usageLog: UsageLog, log: Logger): Handler<typeof loggingApi.getMessage> {
  return async ({ params: { id }, principal: { tenant } }) => {
    if (!isMessageId(id)) throw problems.notFound();
    const rows = await orUnavailable(usageLog.message(tenant, id));
    // Another tenant's message gets the same answer as an unknown one; the attempt is logged (ASVS
    // 8.2.2).
    if (rows === 'foreign') log.warn('messages.foreign_id', { tenant, message: id });
    if (rows === 'foreign' || rows.length === 0) throw problems.notFound();
    return { status: 200, body: { messages: rows.map(present) } };
  };
}
