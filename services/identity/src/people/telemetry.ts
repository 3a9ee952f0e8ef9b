import { actorText, operatorRealm, type Actor } from '@mysmtp/contracts';
import { describeRequest } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { Counter, type Registry } from 'prom-client';

/** The events of accounts: log, counter and audit chain together, only with our own ids (ASVS 16.2). */
export interface PeopleTelemetry {
  personAdded(realm: string, person: string): void;
  personInvited(actor: Actor, realm: string, invitation: string): void;
  invitationWithdrawn(actor: Actor, realm: string, invitation: string): void;
  /** The tenant has sent too many in a day. */
  invitationRefused(actor: Actor, realm: string): void;
  /** `what`: which field was corrected; not its content. */
  personChanged(
    actor: Actor,
    realm: string,
    person: string,
    what: PersonField,
    more?: { readonly raised: boolean },
  ): void;
  personRemoved(actor: Actor, realm: string, person: string): void;
  /** `isNew`: for the first time from this device or network. */
  signedIn(realm: string, person: string, isNew: boolean): void;
  /** The log has no id, because the account may not exist. */
  passwordRefused(
    named: { readonly tenant: string; readonly address: string },
    person: string | undefined,
  ): void;
  /** In a session. */
  factorUsed(realm: string, person: string): void;
  /** Nothing was compared or sent. Without an id, because the account may not exist. */
  throttled(reason: 'pair' | 'network' | 'mail' | 'sign-up'): void;
  /** By the sign-in provider of the tenant. */
  providerRefused(tenant: string): void;
  providerChanged(actor: Actor, tenant: string, what: 'configured' | 'removed'): void;
  factorRefused(realm: string, person: string): void;
  factorChanged(realm: string, person: string, change: FactorChange): void;
  passwordChanged(realm: string, person: string): void;
  /** The mail for a reset could not be sent. */
  resetFailed(error: unknown): void;
  lostFactorRequested(realm: string, person: string, request: string): void;
  lostFactorApproved(actor: Actor, realm: string, request: string): void;
  /** Cancelled by the person (without an actor), or refused. */
  lostFactorEnded(actor: Actor | undefined, realm: string, request: string): void;
}

type PersonField = 'name' | 'email' | 'role' | 'owner';
export type FactorChange = 'factor_added' | 'factor_removed';

const results = [
  'signed-in',
  'password-refused',
  'factor-refused',
  'throttled',
  'provider-refused',
] as const;

/** The operators' realm is no tenant. */
const of = (realm: string) => (realm === operatorRealm ? undefined : { tenant: realm });
/** The same in the audit chain. */
const tenantOf = (realm: string) => (realm === operatorRealm ? null : realm);
const person = (realm: string, id: string) =>
  ({
    tenant: tenantOf(realm),
    actor: { kind: realm === operatorRealm ? 'operator' : 'person', id },
  }) as const;
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
    invitationRefused: (actor, realm) =>
      log.warn('invitation.refused', { ...by(actor), ...of(realm) }),
    personChanged(actor, realm, id, what, more) {
      log.info('person.changed', { ...by(actor), ...of(realm), person: id, reason: what });
      if (what === 'email') describeRequest({ type: 'email_changed', ...person(realm, id) });
      if (what !== 'role' && what !== 'owner') return;
      const reason = more?.raised === false ? 'lowered' : 'raised';
      describeRequest({ type: 'role_changed', object: id, reason });
    },
    personRemoved: (actor, realm, id) =>
      log.info('person.removed', { ...by(actor), ...of(realm), person: id }),
    signedIn(realm, id, isNew) {
      signIns.inc({ result: 'signed-in' });
      log.info('person.signed_in', { ...of(realm), person: id });
      describeRequest({ type: 'sign_in', ...person(realm, id), reason: isNew ? 'new' : null });
    },
    passwordRefused({ tenant, address }, id) {
      signIns.inc({ result: 'password-refused' });
      log.info('person.password_refused');
      const who =
        id === undefined
          ? { account: `person ${tenant} ${address.toLowerCase()}` }
          : person(tenant, id);
      describeRequest({ type: 'sign_in', ...who, outcome: 'refused', reason: 'password' });
    },
    factorUsed: (realm, id) => describeRequest({ type: 'factor_used', ...person(realm, id) }),
    throttled(reason) {
      signIns.inc({ result: 'throttled' });
      log.warn('person.throttled', { reason });
      describeRequest({ type: 'sign_in_throttled', outcome: 'refused', reason });
    },
    providerRefused(tenant) {
      signIns.inc({ result: 'provider-refused' });
      log.info('person.provider_refused', { tenant });
    },
    providerChanged: (actor, tenant, what) =>
      log.info(`sign_in_provider.${what}`, { ...by(actor), tenant }),
    factorRefused(realm, id) {
      signIns.inc({ result: 'factor-refused' });
      log.warn('person.factor_refused', { ...of(realm), person: id });
      const outcome = { outcome: 'refused', reason: 'factor' } as const;
      describeRequest({ type: 'factor_used', ...person(realm, id), ...outcome });
    },
    factorChanged(realm, id, change) {
      log.info('person.factor_changed', { ...of(realm), person: id });
      describeRequest({ type: change, ...person(realm, id) });
    },
    passwordChanged(realm, id) {
      log.info('person.password_changed', { ...of(realm), person: id });
      describeRequest({ type: 'password_changed', ...person(realm, id) });
    },
    resetFailed: (error) => log.error('password_reset.failed', { error }),
    lostFactorRequested(realm, id, object) {
      log.warn('lost_factor.requested', { ...of(realm), person: id, object });
      describeRequest({ type: 'lost_factor', ...person(realm, id), object, reason: 'requested' });
    },
    lostFactorApproved(actor, realm, object) {
      log.warn('lost_factor.approved', { ...by(actor), ...of(realm), object });
      const tenant = tenantOf(realm);
      describeRequest({ type: 'lost_factor', tenant, object, reason: 'approved' });
    },
    lostFactorEnded(actor, realm, object) {
      log.info('lost_factor.ended', {
        ...(actor === undefined ? {} : by(actor)),
        ...of(realm),
        object,
      });
      const tenant = tenantOf(realm);
      describeRequest({ type: 'lost_factor', tenant, object, reason: 'ended' });
    },
  };
}
