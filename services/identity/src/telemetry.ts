import { DomainRecordKind } from '@mysmtp/api';
import {
  actorText,
  type Actor,
  type DomainStatus,
  type NoticeResult,
  type StoppedStatus,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { Counter, type Registry } from 'prom-client';

/**
 * The business events of identity. Each writes log and counter together, with actor and object, and only
 * with our own ids.
 */
export interface Telemetry {
  tenantRegistered(actor: Actor, tenant: string): void;
  suspended(actor: Actor, suspension: string, tenant: string, status: StoppedStatus): void;
  appealed(actor: Actor, suspension: string, tenant: string): void;
  /** `lifted`: it is not in force any more. */
  answered(actor: Actor, suspension: string, tenant: string, lifted: boolean): void;
  /** Its plan or its limits. */
  tenantChanged(actor: Actor, tenant: string): void;
  domainAdded(actor: Actor, tenant: string, domain: string, status: DomainStatus): void;
  domainVerified(actor: Actor, tenant: string, domain: string): void;
  /** The ownership record of a verified domain is gone, and its mail is refused from now on. */
  domainOwnershipLost(actor: Actor, tenant: string, domain: string): void;
  domainVouched(actor: Actor, tenant: string, domain: string): void;
  domainVouchEnded(actor: Actor, tenant: string, domain: string): void;
  domainChanged(actor: Actor, tenant: string, domain: string): void;
  domainRemoved(actor: Actor, tenant: string, domain: string): void;
  credentialCreated(actor: Actor, tenant: string, credential: string): void;
  credentialChanged(actor: Actor, tenant: string, credential: string): void;
  credentialRotated(actor: Actor, tenant: string, credential: string): void;
  credentialRevoked(actor: Actor, tenant: string, credential: string): void;
  /** `tenant` is `null` for an operator's token. */
  tokenCreated(actor: Actor, tenant: string | null, token: string): void;
  tokenRevoked(actor: Actor, tenant: string | null, token: string): void;
  /** `state`: ok, missing, different or error. */
  recordLookedUp(record: string, state: string): void;
  /** A record of a domain was right, and is not any more. */
  recordBroken(tenant: string, domain: string, record: string): void;
  recordRestored(tenant: string, domain: string, record: string): void;
  checkFailed(tenant: string, domain: string, error: unknown): void;
  /** A key has a successor; it ends some hours later. */
  tokenRotated(actor: Actor, tenant: string | null, token: string): void;
  /** A key has expired and is revoked. */
  tokenExpired(actor: Actor, tenant: string | null, token: string): void;
  /** A key was presented from outside its networks, and refused. */
  tokenFromElsewhere(tenant: string | null, token: string): void;
  /** An operator may see data of a tenant from now on, or not any more. */
  accessOpened(actor: Actor, tenant: string, access: string): void;
  accessClosed(actor: Actor, tenant: string, access: string): void;
  /** A notice waits for ingress. */
  noticeKept(tenant: string, message: string, kind: string): void;
  noticeSubmitted(tenant: string, message: string, result: NoticeResult): void;
  /** Ingress did not accept it; it is submitted again. */
  noticeFailed(tenant: string, message: string, attempt: number, error: unknown): void;
  /** These notices are too old and are deleted. */
  noticesDropped(count: number): void;
  /** The owners know it already, or were told of many today. */
  findingNotTold(tenant: string, rule: string): void;
}

const ofTenant = (tenant: string | null) => (tenant === null ? undefined : { tenant });

export function createTelemetry(log: Logger, registry: Registry): Telemetry {
  const changes = new Counter({
    name: 'mysmtp_identity_changes_total',
    help: 'Entities created, changed or removed.',
    labelNames: ['entity', 'change'],
    registers: [registry],
  });
  const lookups = new Counter({
    name: 'mysmtp_domain_lookups_total',
    help: 'Lookups of DNS records of domains, by kind of record and result.',
    labelNames: ['record', 'state'],
    registers: [registry],
  });
  const broken = new Counter({
    name: 'mysmtp_domain_records_broken_total',
    help: 'Records of domains that were right, and then were gone or different.',
    labelNames: ['record'],
    registers: [registry],
  });
  // Prometheus does not see a counter before its first increment.
  for (const record of DomainRecordKind.options) {
    broken.inc({ record }, 0);
    for (const state of ['ok', 'missing', 'different', 'error']) lookups.inc({ record, state }, 0);
  }

  const notices = new Counter({
    name: 'mysmtp_identity_notices_total',
    help: 'Notices by mail: kept, accepted or refused by ingress, failed attempts, dropped.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['kept', 'accepted', 'refused', 'failed', 'dropped'])
    notices.inc({ outcome }, 0);

  return {
    tenantRegistered(actor, tenant) {
      changes.inc({ entity: 'tenant', change: 'created' });
      log.info('tenant.registered', { actor: actorText(actor), tenant });
    },
    suspended(actor, object, tenant, status) {
      changes.inc({ entity: 'suspension', change: 'created' });
      log.info('suspension.created', { actor: actorText(actor), object, tenant, status });
    },
    appealed(actor, object, tenant) {
      changes.inc({ entity: 'suspension', change: 'changed' });
      log.info('suspension.appealed', { actor: actorText(actor), object, tenant });
    },
    answered(actor, object, tenant, lifted) {
      changes.inc({ entity: 'suspension', change: lifted ? 'removed' : 'changed' });
      const event = lifted ? 'suspension.lifted' : 'suspension.upheld';
      log.info(event, { actor: actorText(actor), object, tenant });
    },
    tenantChanged(actor, tenant) {
      changes.inc({ entity: 'tenant', change: 'changed' });
      log.info('tenant.changed', { actor: actorText(actor), tenant });
    },
    domainAdded(actor, tenant, domain, status) {
      changes.inc({ entity: 'domain', change: 'created' });
      log.info('domain.added', { actor: actorText(actor), tenant, domain, status });
    },
    domainVerified(actor, tenant, domain) {
      changes.inc({ entity: 'domain', change: 'changed' });
      log.info('domain.verified', { actor: actorText(actor), tenant, domain });
    },
    domainOwnershipLost(actor, tenant, domain) {
      changes.inc({ entity: 'domain', change: 'changed' });
      log.warn('domain.ownership_lost', { actor: actorText(actor), tenant, domain });
    },
    domainVouched(actor, tenant, domain) {
      changes.inc({ entity: 'domain', change: 'changed' });
      log.info('domain.vouched', { actor: actorText(actor), tenant, domain });
    },
    domainVouchEnded(actor, tenant, domain) {
      changes.inc({ entity: 'domain', change: 'changed' });
      log.info('domain.vouch_ended', { actor: actorText(actor), tenant, domain });
    },
    domainChanged(actor, tenant, domain) {
      changes.inc({ entity: 'domain', change: 'changed' });
      log.info('domain.changed', { actor: actorText(actor), tenant, domain });
    },
    domainRemoved(actor, tenant, domain) {
      changes.inc({ entity: 'domain', change: 'removed' });
      log.info('domain.removed', { actor: actorText(actor), tenant, domain });
    },
    credentialCreated(actor, tenant, credential) {
      changes.inc({ entity: 'credential', change: 'created' });
      log.info('credential.created', { actor: actorText(actor), tenant, credential });
    },
    credentialChanged(actor, tenant, credential) {
      changes.inc({ entity: 'credential', change: 'changed' });
      log.info('credential.changed', { actor: actorText(actor), tenant, credential });
    },
    credentialRotated(actor, tenant, credential) {
      changes.inc({ entity: 'credential', change: 'changed' });
      log.info('credential.rotated', { actor: actorText(actor), tenant, credential });
    },
    credentialRevoked(actor, tenant, credential) {
      changes.inc({ entity: 'credential', change: 'removed' });
      log.info('credential.revoked', { actor: actorText(actor), tenant, credential });
    },
    tokenCreated(actor, tenant, token) {
      changes.inc({ entity: 'token', change: 'created' });
      log.info('token.created', { actor: actorText(actor), ...ofTenant(tenant), token });
    },
    tokenRotated(actor, tenant, token) {
      changes.inc({ entity: 'token', change: 'changed' });
      log.info('token.rotated', { actor: actorText(actor), ...ofTenant(tenant), token });
    },
    tokenExpired(actor, tenant, token) {
      changes.inc({ entity: 'token', change: 'removed' });
      log.info('token.expired', { actor: actorText(actor), ...ofTenant(tenant), token });
    },
    tokenFromElsewhere(tenant, token) {
      log.warn('token.from_elsewhere', { ...ofTenant(tenant), token });
    },
    tokenRevoked(actor, tenant, token) {
      changes.inc({ entity: 'token', change: 'removed' });
      log.info('token.revoked', { actor: actorText(actor), ...ofTenant(tenant), token });
    },
    recordLookedUp: (record, state) => lookups.inc({ record, state }),
    recordBroken(tenant, domain, record) {
      broken.inc({ record });
      log.warn('domain.record_broken', { tenant, domain, reason: record });
    },
    recordRestored(tenant, domain, record) {
      log.info('domain.record_restored', { tenant, domain, reason: record });
    },
    checkFailed(tenant, domain, error) {
      log.warn('domain.check_failed', { tenant, domain, error });
    },
    accessOpened(actor, tenant, access) {
      changes.inc({ entity: 'access', change: 'created' });
      log.warn('access.opened', { actor: actorText(actor), tenant, object: access });
    },
    accessClosed(actor, tenant, access) {
      changes.inc({ entity: 'access', change: 'removed' });
      log.info('access.closed', { actor: actorText(actor), tenant, object: access });
    },
    noticeKept(tenant, message, kind) {
      notices.inc({ outcome: 'kept' });
      log.info('notice.kept', { tenant, message, reason: kind });
    },
    noticeSubmitted(tenant, message, result) {
      notices.inc({ outcome: result });
      log.info('notice.submitted', { tenant, message, status: result });
    },
    noticeFailed(tenant, message, attempt, error) {
      notices.inc({ outcome: 'failed' });
      log.warn('notice.failed', { tenant, message, attempt, error });
    },
    noticesDropped(count) {
      notices.inc({ outcome: 'dropped' }, count);
      log.error('notices.dropped', { count });
    },
    findingNotTold(tenant, rule) {
      notices.inc({ outcome: 'limited' });
      log.warn('notice.finding_limited', { tenant, reason: rule });
    },
  };
}
