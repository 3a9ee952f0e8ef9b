import type { ingressApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Use } from '../quotas/account.ts';
import type { Quotas } from '../quotas/quotas.ts';

/** What a tenant and its credentials have used of their limits, at most a second ago. */
export function showUsage(quotas: Pick<Quotas, 'uses'>): Handler<typeof ingressApi.showUsage> {
  return async ({ principal: { tenant } }) => {
    const all = await quotas.uses(tenant);
    const own = all.find(({ id }) => id === tenant);
    const credentials = all
      .filter(({ id }) => id !== tenant)
      .map(({ id, uses, throttledUntil }) => ({
        id,
        usage: uses.map(shown),
        throttledUntil: throttledUntil === undefined ? null : iso(throttledUntil),
      }));
    return { status: 200, body: { usage: (own?.uses ?? []).map(shown), credentials } };
  };
}

const iso = (at: number): string => new Date(at).toISOString();

const shown = ({ name, limit, used, period }: Use) => ({
  limit: name,
  max: limit,
  used,
  resetsAt: iso(period.end),
});
