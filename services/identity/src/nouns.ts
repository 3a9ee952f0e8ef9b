import { internalApis } from '@mysmtp/contracts';
import type { House } from '@mysmtp/service';
import type { IdentityConfig } from './config.ts';
import { createCredentials, type Credentials } from './credentials/credentials.ts';
import { openCredentials } from './credentials/model.ts';
import { createDomains, type Domains } from './domains/domains.ts';
import { openDomains } from './domains/model.ts';
import { anyEntity, type AnyEntity } from './entities/entity.ts';
import { createReader, type Reader } from './entities/reader.ts';
import { createWriter, type Writer } from './entities/writer.ts';
import { createEvents, type Events } from './events.ts';
import { createFacts } from './facts/facts.ts';
import type { Means } from './means.ts';
import { createOutbox, type Outbox } from './entities/outbox.ts';
import { openTenants } from './tenants/model.ts';
import { createTenants, TenantGoneError, type Tenants } from './tenants/tenants.ts';
import { openTokens } from './tokens/model.ts';
import { createTokens, type Tokens } from './tokens/tokens.ts';

/** What identity is about, ready for its ways in: the API, the jobs and the bootstrap command. */
export interface Nouns {
  readonly tenants: Tenants;
  readonly domains: Domains;
  readonly credentials: Credentials;
  readonly tokens: Tokens;
  readonly entities: readonly AnyEntity[];
  readonly reader: Reader;
  readonly writer: Writer;
  readonly outbox: Outbox;
  readonly events: Events;
}

export async function openNouns(
  { clock, log, metrics }: House<IdentityConfig>,
  { database, publisher, signed, privacy, tenants: access }: Means,
): Promise<Nouns> {
  const tenantEntity = await openTenants(database);
  const domainEntity = await openDomains(database);
  const credentialEntity = await openCredentials(database);
  const tokenEntity = await openTokens(database);
  // In this order a snapshot tells them: a tenant before what belongs to it.
  const entities = [
    anyEntity(tenantEntity),
    anyEntity(domainEntity),
    anyEntity(credentialEntity),
    anyEntity(tokenEntity),
  ];

  const outbox = createOutbox({ entities, publisher, signed, access, log });
  const events = createEvents(log, metrics);
  const reader = createReader(access);
  const writer = createWriter({ clock, outbox, access });
  const shared = {
    reader,
    writer,
    access,
    facts: createFacts(access),
    clock,
    events,
  };
  const domains = createDomains({ ...shared, entity: domainEntity });
  const credentials = createCredentials({ ...shared, entity: credentialEntity });
  const tokens = createTokens({ ...shared, entity: tokenEntity, tenants: anyEntity(tenantEntity) });
  const tenants = createTenants({
    ...shared,
    entity: tenantEntity,
    domains,
    credentials,
    tokens,
    async activate(tenant) {
      const { state } = await privacy.call(internalApis.activateTenant, { tenant });
      if (state !== 'active') throw new TenantGoneError();
    },
  });
  return { tenants, domains, credentials, tokens, entities, reader, writer, outbox, events };
}
