import { owners, route, type Route } from '@mysmtp/http';
import type { UsageLog } from '../messages/usage-log.ts';
import { answerPage, MessagePage, SearchBody } from './usage-log.ts';

export function searchMessages(log: UsageLog): Route {
  return route({
    method: 'post',
    path: '/v1/messages/search',
    summary: 'The usage log, also by exact sender or recipient',
    access: owners,
    body: SearchBody,
    replies: { 200: MessagePage },
    handle: async ({ body, caller }) => ({ body: await answerPage(log, caller, body) }),
  });
}
