import type { loggingApi } from '@mysmtp/api';
import { Problem, type Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { OpenRow } from '../messages/open-rows.ts';
import type { Filter, UsageLog } from '../messages/usage-log.ts';
import { orUnavailable, rowBelow } from './answer.ts';
import { exportFormats, type ExportFormat } from './export-formats.ts';

/** Rows that are read, opened and sent at once. Memory does not grow with the length of an export. */
const rowsAtOnce = 500;

type Rows = AsyncGenerator<readonly OpenRow[], void>;

/**
 * All rows that match, as a stream. If it breaks, the connection is closed before the end of the body, and
 * the last record is missing. A tenant has one export at a time in each process.
 */
export function exportMessages(
  usageLog: UsageLog,
  log: Logger,
): Handler<typeof loggingApi.exportMessages> {
  const running = new Set<string>();

  async function* rowsOf(tenant: string, filter: Omit<Filter, 'limit' | 'below'>): Rows {
    let below: string | undefined;
    do {
      const page = await usageLog.page(tenant, { ...filter, below, limit: rowsAtOnce });
      yield page.rows;
      below = page.next === null ? undefined : rowBelow(page.next);
    } while (below !== undefined);
  }

  async function* textOf(
    tenant: string,
    first: readonly OpenRow[],
    others: Rows,
    format: ExportFormat,
  ): AsyncGenerator<string> {
    const text = (rows: readonly OpenRow[]) => rows.map((row) => format.row(row)).join('');
    let count = first.length;
    running.add(tenant);
    try {
      yield format.head + text(first);
      for await (const rows of others) {
        count += rows.length;
        yield text(rows);
      }
      yield format.end(count);
      log.info('messages.exported', { tenant, count });
    } finally {
      running.delete(tenant);
    }
  }

  return async ({ query: { format: name, ...filter }, principal: { tenant } }) => {
    if (running.has(tenant)) {
      throw new Problem('rate-limited', {
        detail: 'Another export of this account is running',
        headers: { 'retry-after': '60' },
      });
    }
    const rows = rowsOf(tenant, filter);
    // Read before the answer begins, so that a failure is a 503.
    const first = await orUnavailable(rows.next());
    const format = exportFormats[name];
    const chunks = textOf(tenant, first.value ?? [], rows, format);
    return { status: 200, body: { type: format.type, chunks } };
  };
}
