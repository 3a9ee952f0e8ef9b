import { actorText, operatorRealm, type Actor } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { Counter, type Registry } from 'prom-client';

/** The events of accounts: log and counter together, only with our own ids (ASVS 16.2). */
export interface PeopleTelemetry {
  personAdded(realm: string, person: string): void;
  personInvited(actor: Actor, realm: string, invitation: string): void;
  invitationWithdrawn(actor: Actor, realm: string, invitation: string): void;
  /** `what`: which field was corrected; not its content. */
  personChanged(actor: Actor, realm: string, person: string, what: PersonField): void;
  personRemoved(actor: Actor, realm: string, person: string): void;
  signedIn(realm: string, person: string): void;
  /** Without an id, because the account may not exist. */
  passwordRefused(): void;
  /** Nothing was compared or sent. Without an id, because the account may not exist. */
  throttled(reason: 'pair' | 'network' | 'mail'): void;
  /** By the sign-in provider of the tenant. */
  providerRefused(tenant: string): void;
  providerChanged(actor: Actor, tenant: string, what: 'configured' | 'removed'): void;
  factorRefused(realm: string, person: string): void;
  factorChanged(realm: string, person: string): void;
  passwordChanged(realm: string, person: string): void;
  /** The mail for a reset could not be sent. */
  resetFailed(error: unknown): void;
  lostFactorRequested(realm: string, person: string, request: string): void;
  lostFactorApproved(actor: Actor, realm: string, request: string): void;
  /** Cancelled by the person (without an actor), or refused. */
  lostFactorEnded(actor: Actor | undefined, realm: string, request: string): void;
}

type PersonField = 'name' | 'email' | 'role' | 'owner';

const results = [
  'signed-in',
  'password-refused',
  'factor-refused',
  'throttled',
  'provider-refused',
] as const;

/** The operators' realm is no tenant. */
const of = (realm: string) => (realm === operatorRealm ? undefined : { tenant: realm });
const by = (actor: Actor) => ({ actor: actorText(actor) });

export function createPeopleTelemetry(log: Logger, registry: Registry): PeopleTelemetry {
  const signIns = new Counter({
    name: 'mysmtp_sign_ins_total',
    help: 'Sign-ins of people, and what was refused.',
    labelNames: ['result'],
    registers: [registry],
  });
  for (const result of results) signIns.inc({ result }, 0);

  return {
    personAdded: (realm, person) => log.info('person.added', { ...of(realm), person }),
    personInvited: (actor, realm, object) =>
      log.info('person.invited', { ...by(actor), ...of(realm), object }),
    invitationWithdrawn: (actor, realm, object) =>
      log.info('invitation.withdrawn', { ...by(actor), ...of(realm), object }),
    personChanged: (actor, realm, person, reason) =>
      log.info('person.changed', { ...by(actor), ...of(realm), person, reason }),
    personRemoved: (actor, realm, person) =>
      log.info('person.removed', { ...by(actor), ...of(realm), person }),
    signedIn(realm, person) {
      signIns.inc({ result: 'signed-in' });
      log.info('person.signed_in', { ...of(realm), person });
    },
    passwordRefused() {
      signIns.inc({ result: 'password-refused' });
      log.info('person.password_refused');
    },
    throttled(reason) {
      signIns.inc({ result: 'throttled' });
      log.warn('person.throttled', { reason });
    },
    providerRefused(tenant) {
      signIns.inc({ result: 'provider-refused' });
      log.info('person.provider_refused', { tenant });
    },
    providerChanged: (actor, tenant, what) =>
      log.info(`sign_in_provider.${what}`, { ...by(actor), tenant }),
    factorRefused(realm, person) {
      signIns.inc({ result: 'factor-refused' });
      log.warn('person.factor_refused', { ...of(realm), person });
    },
    factorChanged: (realm, person) => log.info('person.factor_changed', { ...of(realm), person }),
    passwordChanged: (realm, person) =>
      log.info('person.password_changed', { ...of(realm), person }),
    resetFailed: (error) => log.error('password_reset.failed', { error }),
    lostFactorRequested: (realm, person, object) =>
      log.warn('lost_factor.requested', { ...of(realm), person, object }),
    lostFactorApproved: (actor, realm, object) =>
      log.warn('lost_factor.approved', { ...by(actor), ...of(realm), object }),
    lostFactorEnded: (actor, realm, object) =>
      log.info('lost_factor.ended', {
        ...(actor === undefined ? {} : by(actor)),
        ...of(realm),
        object,
      }),
  };
}
