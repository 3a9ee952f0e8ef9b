import { owners, route, type Route } from '@mysmtp/http';
import type { UsageLog } from '../messages/usage-log.ts';
import { answerPage, ListQuery, MessagePage } from './usage-log.ts';

export function listMessages(log: UsageLog): Route {
  return route({
    method: 'get',
    path: '/v1/messages',
    summary: 'The usage log, a row per recipient, newest first',
    access: owners,
    query: ListQuery,
    replies: { 200: MessagePage },
    handle: async ({ query, caller }) => ({ body: await answerPage(log, caller, query) }),
  });
}
