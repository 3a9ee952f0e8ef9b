import { loggingApi } from '@mysmtp/api';
import { type PublishedKeySet, isMessageId } from '@mysmtp/contracts';
import { Problem, problems, serve, type Handler, type Handlers, type Route } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { UsageLog } from '../messages/usage-log.ts';
import type { StatisticsStore } from '../statistics/store.ts';
import type { Retentions } from '../retention/retentions.ts';
import { setRetention } from './set-retention.ts';
import { showStatistics } from './show-statistics.ts';
import { exportMessages } from './export-messages.ts';
import { answerPage, orUnavailable, present, presentState } from './answer.ts';

export function routes(deps: {
  readonly usageLog: UsageLog;
  readonly importMessages: Handler<typeof loggingApi.importMessages>;
  readonly statistics: Pick<StatisticsStore, 'find'>;
  readonly auditChain: Pick<Handlers<typeof loggingApi>, 'listAuditEntries'>;
  readonly detection: Pick<Handlers<typeof loggingApi>, 'listFindings'>;
  readonly retentions: Retentions;
  readonly longestDays: number;
  readonly tenants: Pick<Tenants, 'stoppedBy' | 'run'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly published: PublishedKeySet;
}): Route[] {
  const { usageLog, tenants, log, published } = deps;
  const { listAuditEntries } = deps.auditChain;
  const { listFindings } = deps.detection;
  /** GDPR Art. 18: only the tenant's own request for access is answered while its data is restricted. */
  function mayRead(tenant: string, purpose: 'access' | undefined): void {
    if (purpose === 'access') log.info('messages.access_requested', { tenant });
    else if (tenants.stoppedBy(tenant) === 'restricted') throw new Problem('restricted');
  }

  const showMessage = getMessage(usageLog);
  const exportAll = exportMessages(usageLog, log);
  return serve(loggingApi)({
    showKeys: async () => ({ status: 200, body: published }),
    listAuditEntries,
    async listMessages({ query: { purpose, ...asked }, principal: { tenant } }) {
      mayRead(tenant, purpose);
      return { status: 200, body: await answerPage(usageLog, tenant, asked) };
    },
    async searchMessages({ body: { purpose, ...asked }, principal: { tenant } }) {
      mayRead(tenant, purpose);
      return { status: 200, body: await answerPage(usageLog, tenant, asked) };
    },
    async exportMessages(request) {
      mayRead(request.principal.tenant, request.query.purpose);
      return exportAll(request);
    },
    importMessages: deps.importMessages,
    showStatistics: showStatistics(deps),
    async showRetention({ principal: { tenant } }) {
      // The setting of the operator may be a part of a day.
      return { status: 200, body: { usageLogDays: Math.ceil(deps.retentions.days(tenant)) } };
    },
    setRetention: setRetention(deps),
    async showMessageState({ params: { id } }) {
      const rows = isMessageId(id) ? await orUnavailable(usageLog.sealed(id)) : [];
      if (rows.length === 0) throw problems.notFound();
      return { status: 200, body: { recipients: rows.map(presentState) } };
    },
    listFindings,
    async getMessage(request) {
      mayRead(request.principal.tenant, request.query.purpose);
      return showMessage(request);
    },
  });
}

function getMessage(usageLog: UsageLog): Handler<typeof loggingApi.getMessage> {
  return async ({ params: { id }, principal: { tenant } }) => {
    if (!isMessageId(id)) throw problems.notFound();
    const rows = await orUnavailable(usageLog.message(tenant, id));
    if (rows === 'foreign') throw problems.hidden('foreign');
    if (rows.length === 0) throw problems.notFound();
    return { status: 200, body: { messages: rows.map(present) } };
  };
}
