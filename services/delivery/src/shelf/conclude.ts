import { isFinal, timeOfMessageId } from '@mysmtp/contracts';
import { FencedError, type Gate } from '@mysmtp/erasure';
import type { Clock } from '@mysmtp/service';
import type { ReportWriter } from '../bounces/report-writer.ts';
import type { Outbox } from '../events/outbox.ts';
import { rowEvent, type EventSource } from '../events/row-event.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Case, Schedule } from './case.ts';
import { newDocument, type DueReport, type ShelfDocument } from './document.ts';
import type { Durably } from './durably.ts';
import { pendingRows, unreportedRows, type Row } from './rows.ts';
import { justDue, slotOf } from './slots.ts';
import type { Shelf } from './store.ts';

export interface ConclusionSettings {
  readonly shelf: Shelf;
  readonly durably: Durably;
  readonly gate: Pick<Gate, 'closedFor'>;
  readonly outbox: Outbox;
  readonly reports: ReportWriter;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** Life of a report on the shelf. */
  readonly expiry: number;
}

/** How long a tombstone stays: far longer than the broker may hand a message out again. */
const tombstoneLife = 2 * 86_400_000;

/** What follows from a round: reports to the sender, events, and either the wait or the end. */
export interface Conclusion {
  conclude(it: Case, schedule: Schedule): Promise<void>;
  /** Tells of a recipient who is final, without waiting. */
  tellFinal(it: Case, row: Row): void;
  /** Tells of rows that changed and are not final. */
  tellChanged(it: Case, nextAt: number | null): void;
}

export function createConclusion(settings: ConclusionSettings): Conclusion {
  const { shelf, durably, gate, outbox, telemetry, clock } = settings;

  async function conclude(it: Case, schedule: Schedule): Promise<void> {
    const { nextAt, tries, handlings } = schedule;
    const reports = await dueReports(it);
    const done = pendingRows(it.rows).length === 0;
    const wait = { state: 'ready', slot: slotOf(nextAt), nextAt, tries, handlings } as const;
    tellChanged(it, nextAt);
    if (!done) for (const row of it.rows) tellFinal(it, row);
    if (!done && reports.length === 0) return it.write(wait);

    // First written down, then done: a replay finds the same reports, by the same ids.
    if (it.unwritten.size > 0) await it.write({ reports });
    for (const report of reports) await putReport(it.document, report);
    if (!done) return it.write({ ...wait, reports: [] });
    await end(it);
  }

  /** Reports that were due before, and a new one for failures that nobody was told of. */
  async function dueReports(it: Case): Promise<readonly DueReport[]> {
    const before = it.document.reports ?? [];
    const unreported = unreportedRows(it.rows);
    if (unreported.length === 0) return before;
    // Mail of a fenced tenant is cancelled, never bounced.
    if (gate.closedFor(it.document.tenant) !== undefined) throw new FencedError();
    const report = await settings.reports.write(it, unreported);
    for (const row of unreported) {
      row.dsn = report?.id ?? 'none';
      it.unwritten.add(row);
    }
    return report === undefined ? before : [...before, report];
  }

  /** A report is a message of its own. Its id is written down already, so it is made once. */
  async function putReport(about: ShelfDocument, report: DueReport): Promise<void> {
    const acceptedAt = timeOfMessageId(report.id);
    const document = newDocument(
      { id: report.id, tenant: about.tenant, kind: 'dsn' },
      report.content,
      { acceptedAt, nextAt: justDue(clock.now()), expiry: settings.expiry },
    );
    if (await durably(() => shelf.put(document))) telemetry.reportMade(report.id);
  }

  /** Nothing more will happen: everybody is told, then only a tombstone stays. */
  async function end(it: Case): Promise<void> {
    const spool = it.message?.envelope.spool ?? it.document.spool;
    for (const row of it.rows) tellFinal(it, row);
    await Promise.all([
      spool && outbox.released(it.document.tenant, spool.id),
      ...it.told.values(),
    ]);
    await durably(() => shelf.finish(it.document, it.claim, clock.now() + tombstoneLife));
    for (const row of it.rows) telemetry.finished(row.status);
  }

  function tellFinal(it: Case, row: Row): void {
    const source = sourceOf(it);
    if (source === undefined || !isFinal(row.status) || it.told.has(row.n)) return;
    const told = outbox.finished(rowEvent(source, row, null));
    // Whoever waits for all of them at the end sees the failure.
    told.catch(() => undefined);
    it.told.set(row.n, told);
  }

  function tellChanged(it: Case, nextAt: number | null): void {
    const source = sourceOf(it);
    if (source !== undefined) {
      for (const row of it.untold) outbox.changed(rowEvent(source, row, nextAt));
    }
    it.untold.clear();
  }

  return { conclude, tellFinal, tellChanged };
}

/** Reports of ours are no rows of the usage log; neither is what was never opened. */
function sourceOf({ id, document, message }: Case): EventSource | undefined {
  const senderIndex = message?.envelope.senderIndex ?? document.senderIndex;
  if (document.kind === 'dsn' || senderIndex === undefined) return undefined;
  return { id, tenant: document.tenant, acceptedAt: document.acceptedAt, senderIndex };
}
