import type { Logger } from '@mysmtp/log';
import { Counter, type Registry } from 'prom-client';

/** What happens in identity, each told to log and counter together. Only ids of our own making. */
export interface Events {
  tenantRegistered(tenant: string): void;
  domainAdded(tenant: string, domain: string): void;
  domainChanged(tenant: string, domain: string): void;
  domainRemoved(tenant: string, domain: string): void;
  credentialCreated(tenant: string, credential: string): void;
  credentialRevoked(tenant: string, credential: string): void;
  /** `tenant` is `null` for an operator's token. */
  tokenCreated(tenant: string | null, token: string): void;
  tokenRevoked(tenant: string | null, token: string): void;
  /** An operator's has come to its end, and is revoked for that. */
  tokenExpired(token: string): void;
  /** Somebody named a thing of another tenant (ASVS 8.2.2). `tenant` is whose token it was. */
  foreignAccess(tenant: string, route: string): void;
}

const ofTenant = (tenant: string | null) => (tenant === null ? undefined : { tenant });

export function createEvents(log: Logger, registry: Registry): Events {
  const changes = new Counter({
    name: 'mysmtp_identity_changes_total',
    help: 'Entities created, changed and removed.',
    labelNames: ['entity', 'change'],
    registers: [registry],
  });
  const foreign = new Counter({
    name: 'mysmtp_identity_foreign_accesses_total',
    help: "Requests that named another tenant's entity.",
    registers: [registry],
  });

  return {
    tenantRegistered(tenant) {
      changes.inc({ entity: 'tenant', change: 'created' });
      log.info('tenant.registered', { tenant });
    },
    domainAdded(tenant, domain) {
      changes.inc({ entity: 'domain', change: 'created' });
      log.info('domain.added', { tenant, domain });
    },
    domainChanged(tenant, domain) {
      changes.inc({ entity: 'domain', change: 'changed' });
      log.info('domain.changed', { tenant, domain });
    },
    domainRemoved(tenant, domain) {
      changes.inc({ entity: 'domain', change: 'removed' });
      log.info('domain.removed', { tenant, domain });
    },
    credentialCreated(tenant, credential) {
      changes.inc({ entity: 'credential', change: 'created' });
      log.info('credential.created', { tenant, credential });
    },
    credentialRevoked(tenant, credential) {
      changes.inc({ entity: 'credential', change: 'removed' });
      log.info('credential.revoked', { tenant, credential });
    },
    tokenCreated(tenant, token) {
      changes.inc({ entity: 'token', change: 'created' });
      log.info('token.created', { ...ofTenant(tenant), token });
    },
    tokenExpired(token) {
      changes.inc({ entity: 'token', change: 'removed' });
      log.info('token.expired', { token });
    },
    tokenRevoked(tenant, token) {
      changes.inc({ entity: 'token', change: 'removed' });
      log.info('token.revoked', { ...ofTenant(tenant), token });
    },
    foreignAccess(tenant, route) {
      foreign.inc();
      log.warn('access.foreign', { tenant, route });
    },
  };
}
