import type { AuthThrottle } from '@mysmtp/auth-throttle';
import type { Logger } from '@mysmtp/log';
import type { Tenants as TenantAccess } from '@mysmtp/tenancy';
import type { Connection } from 'mongoose';
import type { Registry } from 'prom-client';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { Notices } from '../notices/notices.ts';
import { createChallenges, type Challenges } from '../people/challenges.ts';
import { createFactors, type Factors } from '../people/factors.ts';
import { openPeople } from '../people/model.ts';
import { createPasskeys } from '../people/passkeys.ts';
import { createPasswords } from '../people/passwords.ts';
import { createPeople, type People } from '../people/people.ts';
import { createSessions, type Sessions } from '../people/sessions.ts';
import { createPeopleTelemetry } from '../people/telemetry.ts';
import { openProviders } from '../providers/model.ts';
import { createOpenId } from '../providers/open-id.ts';
import { createProviders, type Providers } from '../providers/providers.ts';
import type { Domains } from '../domains/domains.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { Tenants } from '../tenants/tenants.ts';
import { createDepartures, type Departures } from './departures.ts';
import { createFollowOwners, type FollowOwners } from './follow-owners.ts';
import { createAccount, type Account } from './account.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import type { Parts } from './parts.ts';
import { createProviderSignIn, type ProviderSignIn } from './provider-sign-in.ts';
import { createRegistration, type Registration } from './registration.ts';
import { createAccountRights, type AccountRights } from './rights.ts';
import { createSignInThrottle, type SignInThrottle } from './sign-in-throttle.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createTeam, type Team } from './team.ts';

/** Accounts of people: the flows, and the stores below them. */
export interface Accounts {
  readonly registration: Registration;
  readonly signIn: SignIn;
  readonly enrolment: Enrolment;
  readonly account: Account;
  readonly team: Team;
  readonly throttle: SignInThrottle;
  readonly owners: FollowOwners;
  readonly departures: Departures;
  readonly providerSignIn: ProviderSignIn;
  readonly providers: Providers;
  readonly people: People;
  readonly sessions: Sessions;
  readonly challenges: Challenges;
  readonly factors: Factors;
  readonly rights: AccountRights;
}

export async function openAccounts(deps: {
  readonly database: Connection;
  readonly access: Pick<TenantAccess, 'run' | 'fencedBy'>;
  readonly fields: EncryptedFields;
  readonly notices: Notices;
  readonly tenants: Tenants;
  readonly domains: Pick<Domains, 'list'>;
  readonly tokens: Pick<Tokens, 'creators' | 'revokeCreatedBy'>;
  /** Calls the providers that tenants have configured. */
  readonly guardedFetch: typeof fetch;
  readonly privateProviders: boolean;
  readonly activate: (realm: string) => Promise<void>;
  readonly authThrottle: AuthThrottle;
  readonly consoleUrl: string;
  readonly signUpsPerNetwork: number;
  readonly clock: { now(): number };
  readonly log: Logger;
  readonly metrics: Registry;
}): Promise<Accounts> {
  const { database, consoleUrl, notices, clock, log, metrics } = deps;
  const collections = await openPeople(database);
  const people = createPeople({ ...deps, collection: collections.people });
  const sessions = createSessions({
    ...deps,
    collection: collections.sessions,
    people: collections.people,
  });
  const challenges = createChallenges({ ...deps, collection: collections.challenges });
  const passkeys = createPasskeys(consoleUrl);
  const telemetry = createPeopleTelemetry(log, metrics);
  const throttle = createSignInThrottle(deps.authThrottle, telemetry, deps.signUpsPerNetwork);
  const owners = createFollowOwners({ people, tenants: deps.tenants });
  const departures = createDepartures({ ...deps, people, sessions, challenges, telemetry });
  const parts: Parts = {
    people,
    sessions,
    challenges,
    passkeys,
    factors: createFactors({ ...deps, collection: collections.people, passkeys }),
    passwords: await createPasswords(),
    notices,
    throttle,
    owners,
    departures,
    link: (page, secret) => `${consoleUrl}/${page}#${secret}`,
    clock,
    telemetry,
  };
  const signIn = createSignIn(parts);
  const providers = createProviders({ ...deps, collection: await openProviders(database) });
  const redirectUri = `${consoleUrl}/sign-in/provider`;
  const openId = createOpenId({
    fetch: deps.guardedFetch,
    insecure: deps.privateProviders,
    redirectUri,
  });
  return {
    registration: createRegistration({
      ...parts,
      tenants: deps.tenants,
      domains: deps.domains,
      activate: deps.activate,
    }),
    signIn,
    providerSignIn: createProviderSignIn({
      ...parts,
      providers,
      openId,
      redirectUri,
      domains: deps.domains,
      signIn,
    }),
    providers,
    enrolment: createEnrolment(parts),
    account: createAccount(parts),
    team: createTeam(parts),
    throttle,
    owners,
    departures,
    people,
    sessions,
    challenges,
    factors: parts.factors,
    rights: createAccountRights(parts),
  };
}
