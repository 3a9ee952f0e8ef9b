import { Id, isMessageId } from '@mysmtp/contracts';
import { owners, problems, route, type Route } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { z } from 'zod';
import type { UsageLog } from '../messages/usage-log.ts';
import { MessageRows, orUnavailable, present, tenantOf } from './usage-log.ts';

export function getMessage(usageLog: UsageLog, log: Logger): Route {
  return route({
    method: 'get',
    path: '/v1/messages/{id}',
    summary: 'All recipients of one message',
    access: owners,
    params: z.strictObject({ id: Id }),
    replies: { 200: MessageRows },
    handle: async ({ params: { id }, caller }) => {
      const tenant = tenantOf(caller);
      if (!isMessageId(id)) throw problems.notFound();
      const rows = await orUnavailable(usageLog.message(tenant, id));
      // Another tenant's message and none at all get the same answer; the try is noted (ASVS 8.2.2).
      if (rows === 'foreign') log.warn('messages.foreign_id', { tenant, message: id });
      if (rows === 'foreign' || rows.length === 0) throw problems.notFound();
      return { body: { messages: rows.map(present) } };
    },
  });
}
