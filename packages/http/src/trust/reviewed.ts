import { createHash } from 'node:crypto';
import { hour, serviceNames, type ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { decodeJwt } from 'jose';
import { LRUCache } from 'lru-cache';
import { problems } from '../problem.ts';
import { audienceOf } from './projected.ts';
import type { CallerVerifier } from './trust.ts';

/** Asks who holds a token: the name of its user, or `undefined` if it is none for this audience. */
export type Review = (token: string, audience: string) => Promise<string | undefined>;

/** How long the API server's word for a token is good, and when it is asked again if it was away. */
const fresh = 60_000;
const again = 10_000;
/** How long a refusal is remembered, whatever the token says of its own end. */
const refusedFor = 10_000;
/** The kubelet renews a token within the hour. One that claims a longer life is none of ours. */
const longestLife = 2 * hour;
/** Answers of each kind in memory; an installation has a few hundred pods at most. */
const answersKept = 1_000;

/**
 * Reviews of tokens that the API server has not vouched for, in a window of ten seconds: for one
 * address, and for all. A pod brings one new token an hour.
 */
const budget = { window: 10_000, perAddress: 10, inAll: 100 };

interface Vouched {
  readonly caller: ServiceName;
  readonly freshUntil: number;
}

/**
 * Callers by TokenReview. `accounts` is what the user names of the services' accounts begin with,
 * `system:serviceaccount:NAMESPACE:PREFIX-`; the service's name follows. A good answer outlives an
 * API server that is away, but never its token. Only the API server's word lets a token into
 * `vouched`, so no stranger can push a caller out of it or spend what callers need.
 */
export function reviewedCallers(options: {
  readonly service: ServiceName;
  readonly accounts: string;
  readonly review: Review;
  readonly clock: { now(): number };
  readonly log: Logger;
}): CallerVerifier {
  const { service, accounts, review, clock, log } = options;
  const audience = audienceOf(service);
  const bounds = { max: answersKept, perf: clock, ttlResolution: 0 };
  const vouched = new LRUCache<string, Vouched>(bounds);
  const refused = new LRUCache<string, true>({ ...bounds, ttl: refusedFor });
  const asking = new Map<string, Promise<ServiceName | undefined>>();
  const spend = reviewBudget(clock, log);

  const callerOf = (user: string | undefined): ServiceName | undefined =>
    serviceNames.find((name) => user === accounts + name);

  /** What a token says of itself proves nothing, but one that is not for us need not be asked about. */
  function expiryOf(token: string): number | undefined {
    try {
      const { aud = [], sub, exp = 0 } = decodeJwt(token);
      const left = exp * 1_000 - clock.now();
      const isForUs = [aud].flat().includes(audience) && callerOf(sub) !== undefined;
      return isForUs && left > 0 && left <= longestLife ? exp * 1_000 : undefined;
    } catch {
      return undefined;
    }
  }

  async function ask(key: string, token: string, expiresAt: number) {
    const known = vouched.get(key);
    const keep = (caller: ServiceName, freshFor: number) => {
      const now = clock.now();
      // Past its end by now: a life of 0 would be one without end.
      if (expiresAt <= now) return;
      vouched.set(key, { caller, freshUntil: now + freshFor }, { ttl: expiresAt - now });
    };
    try {
      const caller = callerOf(await review(token, audience));
      if (caller === undefined) {
        vouched.delete(key);
        refused.set(key, true);
      } else keep(caller, fresh);
      return caller;
    } catch (error) {
      log.warn('callers.not_reviewed', { error });
      if (known === undefined) throw unknowable();
      keep(known.caller, again);
      return known.caller;
    }
  }

  return {
    async verify(token, address) {
      const expiresAt = expiryOf(token);
      if (expiresAt === undefined) return undefined;
      const key = createHash('sha256').update(token).digest('base64');
      if (refused.has(key)) return undefined;
      const known = vouched.get(key);
      if (known !== undefined && known.freshUntil > clock.now()) return known.caller;
      let answer = asking.get(key);
      if (answer === undefined) {
        if (known === undefined && !spend(address)) throw unknowable();
        answer = ask(key, token, expiresAt).finally(() => asking.delete(key));
        asking.set(key, answer);
      }
      return answer;
    },
  };
}

const unknowable = () => problems.unavailable('Callers cannot be checked right now');

/** Takes one review from the budget; false if there is none left for this address, or for anybody. */
function reviewBudget(clock: { now(): number }, log: Logger): (address: string) => boolean {
  // A count lives from its first review to the end of its window.
  const spent = new LRUCache<string, number>({
    max: answersKept,
    ttl: budget.window,
    noUpdateTTL: true,
    perf: clock,
    ttlResolution: 0,
  });
  function take(who: string, limit: number): boolean {
    const count = (spent.get(who) ?? 0) + 1;
    // Once a window: a line for each refusal would be a flood of its own.
    if (count === limit + 1) log.warn('callers.reviews_limited', { count: limit });
    spent.set(who, Math.min(count, limit + 1));
    return count <= limit;
  }
  return (address) => take(address, budget.perAddress) && take('', budget.inAll);
}
