import { isStatus, type ReplyClass, type Status } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import { indexesOf, type Searched } from './blind-indexes.ts';
import type { DayCollections } from './day-collections.ts';
import { findMessage, findPage } from './find-page.ts';
import type { OpenRow, RowOpener } from './open-rows.ts';
import type { Retentions } from '../retention/retentions.ts';
import type { Row } from './row.ts';
import type { Restrictions } from '../restrictions/restrictions.ts';

export interface Filter extends Searched {
  readonly status?: Status | undefined;
  readonly credential?: string | undefined;
  readonly lastReply?: ReplyClass | undefined;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  /** Id of the last row of the previous page. */
  readonly below?: string | undefined;
  readonly limit: number;
}

/** A tenant's usage log, within the retention. */
export interface UsageLog {
  page(tenant: string, filter: Filter): Promise<{ rows: OpenRow[]; next: string | null }>;
  /** `foreign`: the message exists but belongs to another tenant. */
  message(tenant: string, id: string): Promise<OpenRow[] | 'foreign'>;
  /** The rows of a message of any tenant, sealed. Without those in a state of a newer release. */
  sealed(id: string): Promise<readonly Row[]>;
}

/** Tolerance for a message from a process whose clock is ahead. */
const clocksApart = 60_000;

export function createUsageLog(deps: {
  readonly days: DayCollections;
  readonly tenants: Tenants;
  readonly opener: RowOpener;
  readonly restrictions: Pick<Restrictions, 'of'>;
  readonly retentions: Retentions;
  readonly clock: Clock;
}): UsageLog {
  const { days, tenants, opener, restrictions, retentions, clock } = deps;
  const oldest = (tenant: string) => clock.now() - retentions.of(tenant);
  const isInTime = (row: Row) => row.acceptedAt.getTime() >= oldest(row.tenant);

  return {
    async page(tenant, filter) {
      const { sender, recipient, senderDomain, recipientDomain, tag } = filter;
      const { status, credential, lastReply, after, before, below, limit } = filter;
      const searched = { sender, recipient, senderDomain, recipientDomain, tag };
      const indexes = await indexesOf(tenants, tenant, searched);
      if (indexes === undefined) return { rows: [], next: null };
      const page = await findPage(days, {
        ...indexes,
        status,
        credential,
        lastReply,
        below,
        limit,
        tenant,
        withoutFinal: retentions.days(tenant) === 0,
        after: Math.max(after ?? 0, oldest(tenant)),
        before: Math.min(before ?? Number.POSITIVE_INFINITY, clock.now() + clocksApart),
      });
      const rows = await opener.open(page.rows, await restrictions.of(tenant));
      return { rows, next: page.next };
    },
    async message(tenant, id) {
      const rows = await findMessage(days, id);
      if (rows.some((row) => row.tenant !== tenant)) return 'foreign';
      return opener.open(rows.filter(isInTime), await restrictions.of(tenant));
    },
    async sealed(id) {
      const rows = await findMessage(days, id);
      return rows.filter((row) => isStatus(row.status) && isInTime(row));
    },
  };
}
