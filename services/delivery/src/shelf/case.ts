import type { Message } from '../message/message.ts';
import { openedFields, type ShelfDocument } from './document.ts';
import type { Row } from './rows.ts';
import type { Change, Shelf } from './store.ts';

/** Why a recipient is not reached, whole and unscrubbed: only the sealed report keeps it. */
export interface Failure {
  readonly at: number;
  readonly site: string | null;
  readonly reply: string;
  readonly enhancedCode: string | null;
}

/** A message from the shelf that this process has a claim on. */
export interface Claimed {
  readonly document: ShelfDocument;
  readonly claim: string;
  /** Open already where it came straight from the broker. */
  readonly message?: Message;
  /** Set where it was tried just now: nothing is left but to conclude. */
  readonly tried?: Schedule;
  /** Failures of that attempt, by place. */
  readonly failures?: ReadonlyMap<number, Failure>;
}

/** When the message is due again, and what it has been through by then. */
export interface Schedule {
  readonly nextAt: number;
  readonly tries: number;
  /** 0 after an attempt that came to its end, whatever its outcome. */
  readonly handlings: number;
}

/** What handling one claimed message knows and has not written yet. */
export interface Case {
  readonly id: string;
  readonly document: ShelfDocument;
  readonly claim: string;
  readonly failures: Map<number, Failure>;
  message: Message | undefined;
  rows: Row[];
  /** Rows whose change is not on the shelf yet. */
  readonly unwritten: Set<Row>;
  /** Rows that changed on the way, of which nobody was told yet. */
  readonly untold: Set<Row>;
  /** Final events by place, under way or confirmed. */
  readonly told: Map<number, Promise<void>>;
  /** Writes the change and everything unwritten with it. */
  write(change: Change): Promise<void>;
}

export function openCase(
  claimed: Claimed,
  shelf: Shelf,
  durably: <T>(work: () => Promise<T>) => Promise<T>,
): Case {
  const { document, claim, message } = claimed;
  let known = document.recipients !== undefined;
  const it: Case = {
    id: document._id,
    document,
    claim,
    message,
    rows: document.recipients ?? [],
    failures: new Map(claimed.failures),
    unwritten: new Set(),
    untold: new Set(),
    told: new Map(),
    async write(change) {
      const rows = [...it.unwritten];
      it.unwritten.clear();
      const opened =
        known || it.message === undefined ? undefined : openedFields(it.message.envelope, it.rows);
      await durably(() =>
        shelf.change(document, claim, {
          ...change,
          ...(opened === undefined ? { rows } : { opened }),
        }),
      );
      known ||= opened !== undefined;
    },
  };
  return it;
}
