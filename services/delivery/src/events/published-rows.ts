import type { Publisher } from '@mysmtp/broker';
import {
  contentOf,
  routingKeys,
  rowIdOf,
  RowsPublished,
  type MessageEvent,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';

/** Broadcasts which rows have a newer state, so that ingress does not publish their first state. */
export interface PublishedRows {
  /** After the broker has confirmed these events. */
  add(events: readonly MessageEvent[]): void;
  /** Publishes the rest. */
  close(): Promise<void>;
}

/** Short, because meanwhile ingress keeps the events. Milliseconds. */
const period = 25;

/**
 * One broadcast for all events of a period. Best effort: if it is lost, ingress publishes an event that changes
 * nothing.
 */
export function createPublishedRows(
  publisher: Publisher,
  tenants: Pick<Tenants, 'writeAll' | 'fencedBy'>,
  log: Logger,
): PublishedRows {
  let waiting: { readonly tenant: string; readonly row: string }[] = [];
  let timer: NodeJS.Timeout | undefined;

  async function publish(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const all = waiting.filter(({ tenant }) => tenants.fencedBy(tenant) === undefined);
    waiting = [];
    if (all.length === 0) return;
    const key = routingKeys.rowsPublished;
    const content = contentOf(RowsPublished, { v: 1, rows: all.map(({ row }) => row) });
    const concerned = all.map(({ tenant }) => tenant);
    try {
      await tenants.writeAll(concerned, () =>
        publisher.publish({ key, content, persistent: false }),
      );
    } catch (error) {
      log.warn('events.rows_not_reported', { error, count: all.length });
    }
  }

  return {
    add(events) {
      for (const { tenant, id, n } of events) waiting.push({ tenant, row: rowIdOf(id, n) });
      timer ??= setTimeout(() => void publish(), period);
    },
    close: publish,
  };
}
