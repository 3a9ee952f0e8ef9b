import { actorText, type Actor, type StoppedStatus } from '@mysmtp/contracts';
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
  domainAdded(actor: Actor, tenant: string, domain: string): void;
  domainChanged(actor: Actor, tenant: string, domain: string): void;
  domainRemoved(actor: Actor, tenant: string, domain: string): void;
  credentialCreated(actor: Actor, tenant: string, credential: string): void;
  credentialRevoked(actor: Actor, tenant: string, credential: string): void;
  /** `tenant` is `null` for an operator's token. */
  tokenCreated(actor: Actor, tenant: string | null, token: string): void;
  tokenRevoked(actor: Actor, tenant: string | null, token: string): void;
  /** The token of an operator has expired and is revoked. */
  tokenExpired(actor: Actor, token: string): void;
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
    domainAdded(actor, tenant, domain) {
      changes.inc({ entity: 'domain', change: 'created' });
      log.info('domain.added', { actor: actorText(actor), tenant, domain });
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
    foreignAccess(tenant, route) {
      foreign.inc();
      log.warn('access.foreign', { tenant, route });
    },
  };
}
