import {
  dayOf,
  dayPurposes,
  hour,
  isMonthly,
  minute,
  type DayPurpose,
  type KeyDays,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import { dayRootId, endOfDayKeys, openDays } from './days.ts';
import type { RootDocument } from './root.ts';
import type { Roots } from './roots.ts';

/** Needed to decide whether the clock of this process may end a day. */
export interface ClockDeps {
  readonly days: KeyDays;
  readonly clock: Clock;
  /** The time of the database server. Milliseconds since the epoch. */
  readonly timeOfDatabase: () => Promise<number>;
}

interface DayRootsDeps extends ClockDeps {
  readonly roots: Roots;
  readonly log: Logger;
  /**
   * How many undelivered messages delivery has under the mail keys of this day. Throws if it does not
   * answer.
   */
  readonly undelivered: (day: string) => Promise<number>;
  /** Announces to every process that the keys of this purpose and day are destroyed. */
  readonly announce: (purpose: DayPurpose, day: string) => Promise<void>;
}

/** Greatest tolerated difference between this clock and the database's. Milliseconds. */
const tolerance = 5 * minute;
/** How old today's roots must be before any root is destroyed. Milliseconds. */
const probation = hour;
/** Of each kind, in one run. Usually one is due at midnight. */
const mostAtOnce = 2;

/** Makes the roots of today and tomorrow ahead of their first use. */
export async function prepareDayRoots({ roots, clock }: Pick<DayRootsDeps, 'roots' | 'clock'>) {
  for (const purpose of dayPurposes) {
    for (const day of openDays(purpose, clock.now())) await roots.ensureDay(purpose, day);
  }
}

export function isDue(root: RootDocument, days: KeyDays, now: number): boolean {
  const { kind, day } = root;
  return kind !== 'epoch' && day !== null && now >= endOfDayKeys(kind, day, days);
}

export interface ClockDoubt {
  readonly reason: 'clock_differs_from_database' | 'days_passed_unseen';
  /** By how much the clock is ahead, or how old today's roots are. */
  readonly milliseconds: number;
}

/**
 * Why no day may end by the clock of this process; `undefined` if both checks pass.
 *
 * The database's clock may be that of the same machine and jump with ours. So there is a second check if
 * a root is due. Today's roots are made the day before. If they are younger than an hour, the scheduler
 * did not run yesterday, or the date is wrong. The process cannot distinguish the two. So an operator is
 * alerted and has this hour to act.
 */
export async function clockDoubt(
  { days, clock, timeOfDatabase }: ClockDeps,
  active: readonly RootDocument[],
): Promise<ClockDoubt | undefined> {
  const theirs = await timeOfDatabase();
  const now = clock.now();
  if (Math.abs(now - theirs) > tolerance) {
    return { reason: 'clock_differs_from_database', milliseconds: now - theirs };
  }
  if (!active.some((root) => isDue(root, days, now))) return undefined;
  const daily = dayPurposes.filter((purpose) => !isMonthly(purpose));
  const today = daily.map((purpose) => dayRootId(purpose, dayOf(now)));
  const ages = today.map((id) => {
    const root = active.find(({ _id }) => _id === id);
    return root === undefined ? 0 : now - root.createdAt.getTime();
  });
  const youngest = Math.min(...ages);
  return youngest < probation
    ? { reason: 'days_passed_unseen', milliseconds: youngest }
    : undefined;
}

/**
 * Destroys the roots whose days are over, the oldest first. Returns those that it had to keep. A mail
 * root stays while undelivered mail is under it, and while delivery does not answer. The reason: mail
 * that was accepted with 250 must not be lost because of a clock. An overdue root pages an operator
 * instead. While the clock is in doubt, every root stays.
 */
export async function destroyDueRoots(
  deps: DayRootsDeps,
): Promise<{ kept: RootDocument[]; doubt: ClockDoubt | undefined }> {
  const { roots, days, clock, log } = deps;
  const active = await roots.active();
  const due = active.filter((root) => isDue(root, days, clock.now()));
  const doubt = await clockDoubt(deps, active);
  if (doubt !== undefined) log.error('keyring.clock_doubted', { ...doubt, count: due.length });
  const kept: RootDocument[] = [];
  const destroyed = new Map<DayPurpose, number>();
  for (const root of due) {
    const { _id, kind, day } = root;
    if (kind === 'epoch' || day === null) continue;
    // The destruction of a retired root is always completed, whatever the clock says.
    if (root.retiredAt === null) {
      const reason = doubt ?? (kind === 'mail' ? await reasonToKeep(day, deps) : undefined);
      if (reason !== undefined) {
        log.error('keyring.root_overdue', { root: _id, ...reason });
        kept.push(root);
        continue;
      }
      const before = destroyed.get(kind) ?? 0;
      if (before === mostAtOnce) continue;
      destroyed.set(kind, before + 1);
    }
    await roots.destroy(_id);
    await deps.announce(kind, day);
  }
  return { kept, doubt };
}

async function reasonToKeep(
  day: string,
  { undelivered }: DayRootsDeps,
): Promise<{ reason: string; count?: number; error?: unknown } | undefined> {
  try {
    const count = await undelivered(day);
    return count === 0 ? undefined : { reason: 'undelivered_mail', count };
  } catch (error) {
    return { reason: 'delivery_does_not_answer', error };
  }
}
