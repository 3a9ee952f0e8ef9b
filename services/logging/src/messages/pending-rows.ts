import { firstRevision, rowIdOf, type MessageEvent } from '@mysmtp/contracts';

/** Events that arrived together and are settled together. */
export interface Ticket {
  /** One of its rows is durable, or needs no write because a newer state replaces it. */
  done(): void;
}

export interface Pending {
  readonly event: MessageEvent;
  readonly ticket: Ticket;
  /** When the first state of this row arrived. */
  readonly since: number;
}

/** Rows that wait for their write: only the newest state of each, in the order of arrival. */
export interface PendingRows {
  readonly size: number;
  /** False if the same or a newer state is waiting already. */
  add(event: MessageEvent, ticket: Ticket, now: number): boolean;
  /** Takes out due rows, at most `limit`. */
  take(due: Due, limit: number): Map<string, Pending>;
  /** Takes out all rows with such an event; the others stay. */
  takeIf(isTaken: (event: MessageEvent) => boolean): Pending[];
  /** Puts rows back after a failed write, unless a newer state has arrived. */
  putBack(rows: ReadonlyMap<string, Pending>): void;
}

/**
 * A row that is only accepted waits for its next state: an insert and a later update cost ten times as
 * much as one insert of the final state. It is written `at leisure` (a few of those older than `after`, unless
 * `busy` many wait: then delivery has a backlog), and always once it is older than `atLatest`.
 */
export interface Due {
  readonly now: number;
  readonly all: boolean;
}

const patience = { after: 1_000, atLatest: 10_000, atLeisure: 20, busy: 1_000 } as const;

export function createPendingRows(): PendingRows {
  const rows = new Map<string, Pending>();

  function isDue({ event, since }: Pending, now: number, mayTakeAtLeisure: boolean): boolean {
    if (event.rev > firstRevision) return true;
    const age = now - since;
    return age >= patience.atLatest || (age >= patience.after && mayTakeAtLeisure);
  }

  return {
    get size() {
      return rows.size;
    },
    add(event, ticket, now) {
      const id = rowIdOf(event.id, event.n);
      const waiting = rows.get(id);
      if (waiting === undefined) {
        rows.set(id, { event, ticket, since: now });
        return true;
      }
      if (waiting.event.rev >= event.rev) return false;
      // The newer state is complete in itself, so the older one need not be written.
      rows.set(id, { event, ticket, since: waiting.since });
      waiting.ticket.done();
      return true;
    },
    take({ now, all }, limit) {
      const taken = new Map<string, Pending>();
      let atLeisure = rows.size < patience.busy ? patience.atLeisure : 0;
      for (const [id, pending] of rows) {
        if (taken.size === limit) break;
        if (!all && !isDue(pending, now, atLeisure > 0)) continue;
        if (pending.event.rev === firstRevision) atLeisure -= 1;
        taken.set(id, pending);
        rows.delete(id);
      }
      return taken;
    },
    takeIf(isTaken) {
      const taken: Pending[] = [];
      for (const [id, pending] of rows) {
        if (!isTaken(pending.event)) continue;
        taken.push(pending);
        rows.delete(id);
      }
      return taken;
    },
    putBack(failed) {
      for (const [id, pending] of failed) {
        const newer = rows.get(id);
        if (newer === undefined) rows.set(id, pending);
        else if (newer.event.rev >= pending.event.rev) pending.ticket.done();
        else {
          rows.set(id, pending);
          newer.ticket.done();
        }
      }
    },
  };
}
