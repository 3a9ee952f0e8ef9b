import type { loggingApi } from '@mysmtp/api';
import { describeRequest, problems, type Handler } from '@mysmtp/http';
import type { Tenants } from '@mysmtp/tenancy';
import type { Retentions } from '../retention/retentions.ts';
import { orUnavailable } from './answer.ts';

/** How long the tenant's usage log is kept. What is older is removed by the next run of retention. */
export function setRetention(deps: {
  readonly retentions: Retentions;
  /** The most that a tenant may choose. */
  readonly longestDays: number;
  readonly tenants: Pick<Tenants, 'run'>;
}): Handler<typeof loggingApi.setRetention> {
  const { retentions, longestDays, tenants } = deps;
  return async ({ body: { usageLogDays }, principal: { tenant } }) => {
    if (usageLogDays > longestDays) {
      const message = `At most ${String(longestDays)} days on this installation`;
      throw problems.invalid([{ path: 'usageLogDays', message }]);
    }
    describeRequest({ type: 'act', reason: `usage_log_days_${String(usageLogDays)}` });
    await orUnavailable(
      tenants.run(tenant, 'write', () => retentions.choose(tenant, usageLogDays)),
    );
    return { status: 200, body: { usageLogDays } };
  };
}
