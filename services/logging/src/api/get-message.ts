import type { loggingApi } from '@mysmtp/api';
import { isMessageId } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { UsageLog } from '../messages/usage-log.ts';
import { orUnavailable, present } from './answer.ts';

export function getMessage(usageLog: UsageLog, log: Logger): Handler<typeof loggingApi.getMessage> {
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
