import { isFinal } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';
import type { Courier, Report } from '../courier/attempt.ts';
import type { Message } from '../message/message.ts';
import type { Group, Router } from '../routing/router.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Case, Schedule } from './case.ts';
import { nextAttemptAt, type RetrySettings } from './delays.ts';
import { applyReport } from './outcome.ts';
import { pendingRows, type Row } from './rows.ts';
import { scheduleAfter } from './schedule.ts';

export interface RoundSettings extends RetrySettings {
  readonly router: Router;
  readonly courier: Courier;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Tells the others of a recipient who is final, without waiting for the rest. */
  readonly onFinal: (it: Case, row: Row) => void;
}

/** Long enough for a receiver; `handlings` ends it after a few. */
const afterCrash = 30_000;

/**
 * One attempt for every recipient that is not final. The next one is written first, so that a crash
 * never hammers a receiver; then all sites are tried side by side, and each outcome is written as it
 * comes, so that a crash repeats at most what was on the wire.
 */
export async function runRound(
  settings: RoundSettings,
  it: Case,
  message: Message,
): Promise<Schedule> {
  const { clock, router, courier, telemetry } = settings;
  const { document, rows } = it;
  const started = clock.now();
  const tries = document.tries + 1;
  const planned = Math.min(nextAttemptAt(started, tries, settings), document.expiresAt);
  // Where this process dies now, the next one waits at least so long: it never hammers.
  await it.write({ nextAt: Math.min(planned, started + afterCrash), tries });

  const pending = pendingRows(rows).map(({ n }) => n);
  const groups = await router.group(message.envelope.recipients, pending);
  let left = groups.length;
  const reports: Report[] = [];

  async function tryGroup(group: Group): Promise<void> {
    const report = await courier.attempt(message, group);
    left -= 1;
    reports.push(report);
    if (!report.attempted) {
      telemetry.postponed(report.why);
      return;
    }
    const outcome = applyReport({ message, group, telemetry }, rows, report);
    for (const [n, failure] of outcome.failures) it.failures.set(n, failure);
    for (const row of outcome.changed) {
      it.unwritten.add(row);
      if (isFinal(row.status)) settings.onFinal(it, row);
      else it.untold.add(row);
    }
    // The last one is written with whatever follows from all of them.
    if (left > 0) await it.write({});
  }

  const ends = await Promise.allSettled(groups.map(tryGroup));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) {
    await it.write({});
    throw failed.reason;
  }
  const before = { tries: document.tries, handlings: document.handlings };
  return scheduleAfter(reports, { planned, tries, now: clock.now() }, before);
}
