import { loggingApi } from '@mysmtp/api';
import type { PublishedKeySet } from '@mysmtp/contracts';
import { serve, type Route } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { UsageLog } from '../messages/usage-log.ts';
import { answerPage } from './answer.ts';
import { getMessage } from './get-message.ts';

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
