import { dayPurposes, type DayPurpose, type KeyDays } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import { endOfDayKeys, openDays } from './days.ts';
import type { RootDocument } from './root.ts';
import type { Roots } from './roots.ts';

interface Means {
  readonly roots: Roots;
  readonly days: KeyDays;
  readonly clock: Clock;
  readonly log: Logger;
  /** How many messages delivery still holds under the mail keys of this day; throws when it does not answer. */
  readonly undelivered: (day: string) => Promise<number>;
  /** Tells every process that the keys of this purpose and day are gone. */
  readonly announce: (purpose: DayPurpose, day: string) => Promise<void>;
}

/** Makes the roots of today and tomorrow ahead of their first use. */
export async function prepareDayRoots({ roots, clock }: Means): Promise<void> {
  for (const day of openDays(clock.now())) {
    for (const purpose of dayPurposes) await roots.ensureDay(purpose, day);
  }
}

export function isDue(root: RootDocument, days: KeyDays, now: number): boolean {
  const { kind, day } = root;
  return kind !== 'epoch' && day !== null && now >= endOfDayKeys(kind, day, days);
}

/**
 * Destroys the roots whose days are over, and returns those that it had to keep. A mail root stays
 * while undelivered mail lies under it, and while delivery cannot say whether there is any: what
 * was answered with 250 is not lost to a clock (an overdue root pages instead).
 */
export async function destroyDueRoots(means: Means): Promise<RootDocument[]> {
  const { roots, days, clock, log } = means;
  const kept: RootDocument[] = [];
  for (const root of await roots.living()) {
    const { _id, kind, day } = root;
    if (kind === 'epoch' || day === null || !isDue(root, days, clock.now())) continue;
    if (kind === 'mail' && root.retiredAt === null) {
      const reason = await reasonToKeep(day, means);
      if (reason !== undefined) {
        log.error('keyring.root_overdue', { root: _id, ...reason });
        kept.push(root);
        continue;
      }
    }
    await roots.destroy(_id);
    await means.announce(kind, day);
  }
  return kept;
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
