import { hour, minute } from '@mysmtp/contracts';
import { retentionGauges, startJob, type Clock, type Job } from '@mysmtp/service';
import type { Logger } from '@mysmtp/log';
import type { Registry } from 'prom-client';
import type { Accounts } from '../accounts/accounts.ts';
import { challengeRetention } from '../people/challenges.ts';
import { sessionLifetime } from '../people/sessions.ts';

/** Deletes ended sessions, and challenges that were not finished in time. */
export function expireAccounts(deps: {
  readonly accounts: Pick<Accounts, 'sessions' | 'challenges'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): Job {
  const { accounts, clock, metrics } = deps;
  const stores = [
    ['identity.sessions', sessionLifetime, accounts.sessions],
    ['identity.challenges', challengeRetention, accounts.challenges],
  ] as const;
  const watched = stores.map(([store, retention, expiring]) => ({
    expiring,
    gauges: retentionGauges({ store, limit: retention + hour, clock, metrics }),
  }));
  async function run(): Promise<void> {
    for (const { expiring, gauges } of watched) {
      await expiring.dropExpired();
      gauges.update(await expiring.oldest());
    }
  }
  return startJob('expire-accounts', minute, run, deps);
}
