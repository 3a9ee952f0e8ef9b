import { DomainRecordKind } from '@mysmtp/api';
import { actorText, type Actor, type DomainStatus } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { Counter, type Registry } from 'prom-client';

/**
 * The business events of identity. Each writes log and counter together, with actor and object, and only
 * with our own ids.
 */
export interface Telemetry {
  tenantRegistered(actor: Actor, tenant: string): void;
  domainAdded(actor: Actor, tenant: string, domain: string, status: DomainStatus): void;
  domainVerified(actor: Actor, tenant: string, domain: string): void;
  /** The ownership record of a verified domain is gone, and its mail is refused from now on. */
  domainOwnershipLost(actor: Actor, tenant: string, domain: string): void;
  domainVouched(actor: Actor, tenant: string, domain: string): void;
  domainVouchEnded(actor: Actor, tenant: string, domain: string): void;
  domainChanged(actor: Actor, tenant: string, domain: string): void;
  domainRemoved(actor: Actor, tenant: string, domain: string): void;
  credentialCreated(actor: Actor, tenant: string, credential: string): void;
  credentialRevoked(actor: Actor, tenant: string, credential: string): void;
  /** `tenant` is `null` for an operator's token. */
  tokenCreated(actor: Actor, tenant: string | null, token: string): void;
  tokenRevoked(actor: Actor, tenant: string | null, token: string): void;
  /** The token of an operator has expired and is revoked. */
  tokenExpired(actor: Actor, token: string): void;
  /** `state`: ok, missing, different or error. */
  recordLookedUp(record: string, state: string): void;
  /** A record of a domain was right, and is not any more. */
  recordBroken(tenant: string, domain: string, record: string): void;
  recordRestored(tenant: string, domain: string, record: string): void;
  checkFailed(tenant: string, domain: string, error: unknown): void;
  /** A request named an entity of another tenant (ASVS 8.2.2). `tenant` is the tenant of its token. */
  foreignAccess(tenant: string, route: string): void;
}

const ofTenant = (tenant: string | null) => (tenant === null ? undefined : { tenant });

export function createTelemetry(log: Logger, registry: Registry): Telemetry {
  const changes = new Counter({
    name: 'mysmtp_identity_changes_total',
    help: 'Entities created, changed or removed.',
    labelNames: ['entity', 'change'],
    registers: [registry],
  });
  const foreign = new Counter({
    name: 'mysmtp_identity_foreign_accesses_total',
    help: "Requests that named another tenant's entity.",
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
  for (const record of DomainRecordKind.options) broken.inc({ record }, 0);

  return {
    tenantRegistered(actor, tenant) {
      changes.inc({ entity: 'tenant', change: 'created' });
      log.info('tenant.registered', { actor: actorText(actor), tenant });
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
    credentialRevoked(actor, tenant, credential) {
      changes.inc({ entity: 'credential', change: 'removed' });
      log.info('credential.revoked', { actor: actorText(actor), tenant, credential });
    },
    tokenCreated(actor, tenant, token) {
      changes.inc({ entity: 'token', change: 'created' });
      log.info('token.created', { actor: actorText(actor), ...ofTenant(tenant), token });
    },
    tokenExpired(actor, token) {
      changes.inc({ entity: 'token', change: 'removed' });
      log.info('token.expired', { actor: actorText(actor), token });
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
    foreignAccess(tenant, route) {
      foreign.inc();
      log.warn('access.foreign', { tenant, route });
    },
  };
}
