import { dayOf, dayPurposes, hour, minute, type DayPurpose, type KeyDays } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import { dayRootId, endOfDayKeys, openDays } from './days.ts';
import type { RootDocument } from './root.ts';
import type { Roots } from './roots.ts';

/** What it takes to know whether the clock of this process may decide that a day is over. */
export interface ClockMeans {
  readonly days: KeyDays;
  readonly clock: Clock;
  /** What time it is by the server of the database. Milliseconds since the epoch. */
  readonly timeOfDatabase: () => Promise<number>;
}

interface Means extends ClockMeans {
  readonly roots: Roots;
  readonly log: Logger;
  /** How many messages delivery still holds under the mail keys of this day; throws when it does not answer. */
  readonly undelivered: (day: string) => Promise<number>;
  /** Tells every process that the keys of this purpose and day are gone. */
  readonly announce: (purpose: DayPurpose, day: string) => Promise<void>;
}

/** How far our clock and the database's may be apart. Milliseconds. */
const tolerance = 5 * minute;
/** How old today's roots must be before roots are destroyed. Milliseconds. */
const probation = hour;
/** Of each kind, in one run. In ordinary life one is due at midnight. */
const mostAtOnce = 2;

/** Makes the roots of today and tomorrow ahead of their first use. */
export async function prepareDayRoots({ roots, clock }: Pick<Means, 'roots' | 'clock'>) {
  for (const day of openDays(clock.now())) {
    for (const purpose of dayPurposes) await roots.ensureDay(purpose, day);
  }
}

export function isDue(root: RootDocument, days: KeyDays, now: number): boolean {
  const { kind, day } = root;
  return kind !== 'epoch' && day !== null && now >= endOfDayKeys(kind, day, days);
}

export interface ClockDoubt {
  readonly reason: 'clock_differs_from_database' | 'days_passed_unseen';
  /** By how much our clock is ahead; how old today's roots are. */
  readonly milliseconds: number;
}

/**
 * Why no day may be called over by the clock of this process; `undefined` if nothing speaks against it.
 *
 * The database's clock may be that of the same machine and jump with ours. So there is a second look if
 * a root is due: today's roots are made the day before. If they are younger than an hour, the clockwork
 * did not run yesterday, or it is not today. Nothing here tells the two apart, so an operator is told,
 * and has the hour.
 */
export async function clockDoubt(
  { days, clock, timeOfDatabase }: ClockMeans,
  living: readonly RootDocument[],
): Promise<ClockDoubt | undefined> {
  const theirs = await timeOfDatabase();
  const now = clock.now();
  if (Math.abs(now - theirs) > tolerance) {
    return { reason: 'clock_differs_from_database', milliseconds: now - theirs };
  }
  if (!living.some((root) => isDue(root, days, now))) return undefined;
  const today = dayPurposes.map((purpose) => dayRootId(purpose, dayOf(now)));
  const ages = today.map((id) => {
    const root = living.find(({ _id }) => _id === id);
    return root === undefined ? 0 : now - root.createdAt.getTime();
  });
  const youngest = Math.min(...ages);
  return youngest < probation
    ? { reason: 'days_passed_unseen', milliseconds: youngest }
    : undefined;
}

/**
 * Destroys the roots whose days are over, the oldest first, and returns those that it had to keep. A
 * mail root stays while undelivered mail lies under it, and while delivery cannot say whether there is
 * any: what was answered with 250 is not lost to a clock (an overdue root pages instead). While the
 * clock is in doubt, every root stays.
 */
export async function destroyDueRoots(
  means: Means,
): Promise<{ kept: RootDocument[]; doubt: ClockDoubt | undefined }> {
  const { roots, days, clock, log } = means;
  const living = await roots.living();
  const due = living.filter((root) => isDue(root, days, clock.now()));
  const doubt = await clockDoubt(means, living);
  if (doubt !== undefined) log.error('keyring.clock_doubted', { ...doubt, count: due.length });
  const kept: RootDocument[] = [];
  const destroyed: Record<DayPurpose, number> = { mail: 0, events: 0 };
  for (const root of due) {
    const { _id, kind, day } = root;
    if (kind === 'epoch' || day === null) continue;
    // Once retired it is as good as gone, whatever the clock says now.
    if (root.retiredAt === null) {
      const reason = doubt ?? (kind === 'mail' ? await reasonToKeep(day, means) : undefined);
      if (reason !== undefined) {
        log.error('keyring.root_overdue', { root: _id, ...reason });
        kept.push(root);
        continue;
      }
      if (destroyed[kind] === mostAtOnce) continue;
      destroyed[kind] += 1;
    }
    await roots.destroy(_id);
    await means.announce(kind, day);
  }
  return { kept, doubt };
}

async function reasonToKeep(
  day: string,
  { undelivered }: Means,
): Promise<{ reason: string; count?: number; error?: unknown } | undefined> {
  try {
    const count = await undelivered(day);
    return count === 0 ? undefined : { reason: 'undelivered_mail', count };
  } catch (error) {
    return { reason: 'delivery_does_not_answer', error };
  }
}
