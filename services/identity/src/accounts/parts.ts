import type { Departures } from './departures.ts';
import type { FollowOwners } from './follow-owners.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';
import type { Notices } from '../notices/notices.ts';
import type { Challenges } from '../people/challenges.ts';
import type { Factors } from '../people/factors.ts';
import type { Passkeys } from '../people/passkeys.ts';
import type { Passwords } from '../people/passwords.ts';
import type { People } from '../people/people.ts';
import type { Sessions } from '../people/sessions.ts';
import type { PeopleTelemetry } from '../people/telemetry.ts';

/** What the flows of accounts are made of. */
export interface Parts {
  readonly people: People;
  readonly factors: Factors;
  readonly sessions: Sessions;
  readonly challenges: Challenges;
  readonly passwords: Passwords;
  readonly passkeys: Passkeys;
  readonly notices: Pick<Notices, 'send'>;
  readonly throttle: SignInThrottle;
  readonly owners: Pick<FollowOwners, 'follow'>;
  readonly departures: Departures;
  /** The address of a page of the console, with the secret in the fragment, which browsers do not send to servers. */
  readonly link: (page: string, secret: string) => string;
  readonly clock: { now(): number };
  readonly telemetry: PeopleTelemetry;
}

/** The address, password or second factor is wrong. The answer does not say which. */
export class WrongCredentialsError extends Error {
  constructor() {
    super('Wrong address, password or second factor');
    this.name = 'WrongCredentialsError';
  }
}

/** There is no such person, link or request, or no longer. */
export class NotThereError extends Error {
  /** Something has this id, and belongs to another realm or to another person. */
  readonly isForeign: boolean;

  constructor(isForeign = false) {
    super('Not found');
    this.name = 'NotThereError';
    this.isForeign = isForeign;
  }
}

/** The current state does not allow it. The message is for the caller. */
export class NotNowError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotNowError';
  }
}

/** A password that the rules refuse. The message is part of a sentence. */
export class PasswordRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PasswordRefusedError';
  }
}
