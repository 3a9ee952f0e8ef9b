import { quotaParts, windows, type QuotaReport, type Window } from '@mysmtp/contracts';
import type { Account, Use } from './account.ts';
import type { Found, UsageStore } from './usage-store.ts';

/** Where reports go. */
export interface Reporting {
  /** Has identity tell the owners. Idempotent. */
  readonly report: (what: QuotaReport) => Promise<void>;
  /** Called in one process only, after identity has answered. */
  readonly reported: (what: QuotaReport) => void;
  readonly notReported: (what: QuotaReport, error: unknown) => void;
}

/** Reports to identity that limits are nearly or completely used, and that credentials are throttled. */
export interface Reports {
  /**
   * Begins to report what these accounts have not reported yet, and does not wait for identity. What fails
   * is reported after a later write.
   */
  tell(found: readonly Found[]): void;
  /** Leaves it to the next write. */
  remember(found: Found): void;
  /** Resolves when no report is under way. */
  settled(): Promise<void>;
}

/** Something to report, and the place in the store that records the report. */
interface News {
  readonly id: string;
  readonly of: Window | 'outcomes';
  readonly start: number;
  readonly percent: number;
  readonly report: QuotaReport;
}

/** Hours are too short for a notice: a busy customer would get one every hour. */
const toldOf: readonly Window[] = ['day', 'month'];

export function createReports(
  deps: {
    readonly store: Pick<UsageStore, 'tell'>;
    readonly accounts: ReadonlyMap<string, Account>;
    readonly clock: { now(): number };
  } & Reporting,
): Reports {
  const { store, accounts, clock } = deps;
  let underWay: Promise<unknown> | undefined;

  function newsOf({ id, tenant, told, outcomes, isThrottleTold }: Found): News[] {
    const account = accounts.get(id);
    if (account === undefined) return [];
    const uses = account.uses(clock.now());
    const news = toldOf.flatMap((window): News[] => {
      const ofWindow = uses.filter(({ name }) => quotaParts(name).window === window);
      const [most] = ofWindow.toSorted((a, b) => shareOf(b) - shareOf(a));
      const percent = most === undefined ? 0 : levelOf(most);
      if (most === undefined || percent === 0 || percent <= (told[windows.indexOf(window)] ?? 0))
        return [];
      const { name: limit, limit: max, period } = most;
      const whose = id === tenant ? { tenant } : { tenant, credential: id };
      const report = { about: 'limit', ...whose, limit, percent, max, end: period.end } as const;
      return [{ id, of: window, start: period.start, percent, report }];
    });
    const end = account.bouncedUntil();
    if (end !== undefined && !isThrottleTold) {
      const report = { about: 'bounces', tenant, credential: id, end } as const;
      news.push({ id, of: 'outcomes', start: outcomes.start, percent: 1, report });
    }
    return news;
  }

  async function tellOne({ id, of, start, percent, report }: News): Promise<void> {
    try {
      await deps.report(report);
      // Every process may have reported it. One of them logs and counts it.
      if (await store.tell(id, of, start, percent)) deps.reported(report);
    } catch (error) {
      deps.notReported(report, error);
    }
  }

  /** Has the next write read the account again. */
  function again(id: string): void {
    const account = accounts.get(id);
    if (account !== undefined) account.isUsed = true;
  }

  return {
    tell(found) {
      const news = found.flatMap(newsOf);
      for (const { id } of news) again(id);
      if (news.length === 0 || underWay !== undefined) return;
      underWay = Promise.all(news.map(tellOne)).finally(() => (underWay = undefined));
    },
    remember(found) {
      if (newsOf(found).length > 0) again(found.id);
    },
    async settled() {
      await underWay;
    },
  };
}

const shareOf = ({ used, limit }: Use): number => (limit === 0 ? 0 : used / limit);

function levelOf(use: Use): 0 | 80 | 100 {
  const share = shareOf(use);
  if (share >= 1) return 100;
  return share >= 0.8 ? 80 : 0;
}
