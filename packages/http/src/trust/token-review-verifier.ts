import { createHash } from 'node:crypto';
import { hour, serviceNames, type ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { decodeJwt } from 'jose';
import { LRUCache } from 'lru-cache';
import { problems } from '../problem.ts';
import { audienceOf } from './service-account-tokens.ts';
import type { CallerVerifier } from './trust.ts';

/** Returns the user name of a token, or `undefined` if it is not valid for this audience. */
export type Review = (token: string, audience: string) => Promise<string | undefined>;

/** How long a positive review is valid, and when it is repeated if the API server was unreachable. */
const fresh = 60_000;
const again = 10_000;
/** How long a refusal is cached, whatever expiry the token claims. */
const refusedFor = 10_000;
/** The kubelet renews a token within the hour. A token that claims a longer lifetime is refused. */
const longestLife = 2 * hour;
/** Cached results of each kind. An installation has a few hundred pods at most. */
const answersKept = 1_000;

/**
 * Reviews of tokens that are not in `vouched`, in a window of ten seconds: for one address, and for all. A
 * pod has one new token an hour.
 */
const budget = { window: 10_000, perAddress: 10, inAll: 100 };

interface Vouched {
  readonly caller: ServiceName;
  readonly freshUntil: number;
}

/**
 * Authenticates callers by TokenReview. `accounts` is the prefix of the user names of the services' accounts,
 * `system:serviceaccount:NAMESPACE:PREFIX-`; the service's name follows. A positive result outlives an outage
 * of the API server, but never its token. Only tokens confirmed by the API server enter `vouched`, so other
 * clients can neither evict a caller from it nor use up its budget.
 */
export function tokenReviewVerifier(options: {
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

  /** Unverified claims: used only to skip TokenReview for tokens with another audience. */
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
      // Already expired. A TTL of 0 would mean no expiry.
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

const unknowable = () => problems.unavailable('Callers cannot be authenticated at the moment');

/** Takes one review from the budget; false if the budget of this address or of all is used up. */
function reviewBudget(clock: { now(): number }, log: Logger): (address: string) => boolean {
  // A count is kept from its first review to the end of its window.
  const spent = new LRUCache<string, number>({
    max: answersKept,
    ttl: budget.window,
    noUpdateTTL: true,
    perf: clock,
    ttlResolution: 0,
  });
  function take(who: string, limit: number): boolean {
    const count = (spent.get(who) ?? 0) + 1;
    // Once per window, because a line for each refusal would flood the log.
    if (count === limit + 1) log.warn('callers.reviews_limited', { count: limit });
    spent.set(who, Math.min(count, limit + 1));
    return count <= limit;
  }
  return (address) => take(address, budget.perAddress) && take('', budget.inAll);
}
