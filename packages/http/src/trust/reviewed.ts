import { createHash } from 'node:crypto';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { decodeJwt } from 'jose';
import { problems } from '../problem.ts';
import { audienceOf } from './projected.ts';
import type { CallerVerifier } from './trust.ts';

/** Asks who holds a token: the name of its user, or `undefined` where it is none for this audience. */
export type Review = (token: string, audience: string) => Promise<string | undefined>;

/** How long an answer of the API server is good, and when it is asked again where it was away. */
const fresh = 60_000;
const again = 10_000;

interface Answer {
  readonly caller: ServiceName | undefined;
  readonly freshUntil: number;
  readonly expiresAt: number;
}

/**
 * Callers by TokenReview. `accounts` is what the user names of the services' accounts begin with,
 * `system:serviceaccount:NAMESPACE:PREFIX-`; the service's name follows. A good answer outlives an
 * API server that is away, but never its token.
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
  const answers = new Map<string, Answer>();
  const asking = new Map<string, Promise<ServiceName | undefined>>();

  const callerOf = (user: string | undefined): ServiceName | undefined =>
    serviceNames.find((name) => user === accounts + name);

  /** What a token says of itself proves nothing, but one that is not for us need not be asked about. */
  function expiryOf(token: string): number {
    try {
      const { aud = [], sub, exp = 0 } = decodeJwt(token);
      return [aud].flat().includes(audience) && callerOf(sub) !== undefined ? exp * 1_000 : 0;
    } catch {
      return 0;
    }
  }

  function keep(key: string, answer: Answer): void {
    const now = clock.now();
    for (const [old, { expiresAt }] of answers) if (expiresAt <= now) answers.delete(old);
    answers.set(key, answer);
  }

  async function ask(key: string, token: string, expiresAt: number) {
    const known = answers.get(key);
    try {
      const caller = callerOf(await review(token, audience));
      keep(key, { caller, freshUntil: clock.now() + fresh, expiresAt });
      return caller;
    } catch (error) {
      log.warn('callers.not_reviewed', { error });
      if (known === undefined) throw problems.unavailable('Callers cannot be checked right now');
      keep(key, { ...known, freshUntil: clock.now() + again });
      return known.caller;
    }
  }

  return {
    async verify(token) {
      const expiresAt = expiryOf(token);
      const now = clock.now();
      if (expiresAt <= now) return undefined;
      const key = createHash('sha256').update(token).digest('base64');
      const known = answers.get(key);
      if (known !== undefined && known.freshUntil > now) return known.caller;
      let answer = asking.get(key);
      if (answer === undefined) {
        answer = ask(key, token, expiresAt).finally(() => asking.delete(key));
        asking.set(key, answer);
      }
      return answer;
    },
  };
}
