import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt, AuthThrottle } from '@mysmtp/auth-throttle';
import type { PersonDocument } from '../people/model.ts';
import type { PeopleTelemetry } from '../people/telemetry.ts';
import { ProviderRefusedError } from '../providers/open-id.ts';
import { NotThereError, WrongCredentialsError } from './parts.ts';

/** Too many sign-ins have failed, or too many mails were asked for. */
export class ThrottledError extends Error {
  /** After this time the client may try again. */
  readonly seconds: number;

  constructor(seconds: number, what: string) {
    super(`Too many ${what}`);
    this.name = 'ThrottledError';
    this.seconds = seconds;
  }
}

/** The sign-in of people in the counts that all services share (docs/decisions/auth-throttle.md). */
export interface SignInThrottle {
  /**
   * Compares a password, a second factor or the secret of a link. Counts a `WrongCredentialsError`,
   * a `NotThereError` and a `ProviderRefusedError` as failures. Throws a `ThrottledError`, without comparing, if there were too many.
   */
  guard<Result>(attempt: Attempt, compare: () => Promise<Result>): Promise<Result>;
  /** Both factors were right. */
  succeeded(attempt: Attempt): void;
  /** Counts a requested mail to this address. Returns why it must not be sent. */
  countMail(address: string): ThrottledError | undefined;
  /** Counts a sign-up from this IP address. Throws a `ThrottledError`. */
  countSignUp(address: string): void;
}

/** The account of a sign-in. One that does not exist counts in the same way. */
export const accountNamed = (
  person: Pick<PersonDocument, '_id'> | undefined,
  { tenant, address }: { readonly tenant: string; readonly address: string },
): string =>
  person === undefined
    ? `person-unknown:${tenant}:${address.toLowerCase()}`
    : accountOfPerson(person);

export const accountOfPerson = ({ _id }: Pick<PersonDocument, '_id'>): string => `person:${_id}`;

const wrong = [WrongCredentialsError, NotThereError, ProviderRefusedError] as const;

export function createSignInThrottle(
  counts: Pick<AuthThrottle, 'decide' | 'failed' | 'succeeded' | 'countMail' | 'countSignUp'>,
  telemetry: Pick<PeopleTelemetry, 'throttled'>,
  signUpsPerNetwork: number,
): SignInThrottle {
  return {
    async guard(attempt, compare) {
      const decision = counts.decide(attempt);
      if (decision.refused !== undefined) {
        telemetry.throttled(decision.refused);
        throw new ThrottledError(decision.seconds, 'sign-ins have failed');
      }
      if (decision.delay > 0) await sleep(decision.delay);
      try {
        return await compare();
      } catch (error) {
        if (wrong.some((kind) => error instanceof kind)) counts.failed(attempt);
        throw error;
      }
    },
    succeeded: (attempt) => counts.succeeded(attempt),
    countMail(address) {
      const { seconds } = counts.countMail(address);
      if (seconds === undefined) return undefined;
      telemetry.throttled('mail');
      return new ThrottledError(seconds, 'mails to this address were asked for');
    },
    countSignUp(address) {
      const { seconds } = counts.countSignUp(address, signUpsPerNetwork);
      if (seconds === undefined) return;
      telemetry.throttled('sign-up');
      throw new ThrottledError(seconds, 'sign-ups from this network in a day');
    },
  };
}
