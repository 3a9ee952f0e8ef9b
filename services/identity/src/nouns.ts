import { openPublisher, type BrokerSettings, type Publisher } from '@mysmtp/broker';
import { internalApis } from '@mysmtp/contracts';
import { openGate, type Gate } from '@mysmtp/erasure';
import { createServiceClient, openSignedCallTokens } from '@mysmtp/http';
import { openKeyring } from '@mysmtp/keys';
import { openDatabase, type House } from '@mysmtp/service';
import type { Connection } from 'mongoose';
import type { IdentityConfig } from './config.ts';
import { createCredentials, type Credentials } from './credentials/credentials.ts';
import { openCredentials } from './credentials/model.ts';
import { createDomains, type Domains } from './domains/domains.ts';
import { openDomains } from './domains/model.ts';
import { anyEntity, type AnyEntity } from './entities/entity.ts';
import { createWriter, type Writer } from './entities/writer.ts';
import { createEvents, type Events } from './events.ts';
import { createFacts } from './facts/facts.ts';
import { createOutbox, type Outbox } from './outbox/outbox.ts';
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
  readonly outbox: Outbox;
  readonly writer: Writer;
  readonly events: Events;
  readonly gate: Gate;
  /** What erasures need of the same. */
  readonly connection: Connection;
  readonly broker: BrokerSettings;
  readonly publisher: Publisher;
}

export async function openNouns(house: House<IdentityConfig>): Promise<Nouns> {
  const { config, log, clock, metrics, name } = house;
  const connection = await openDatabase(house);
  const broker = { url: config.rabbitmqUrl.reveal(), name: `mysmtp-${name}`, log };
  const publisher = house.own(await openPublisher(broker), (open) => open.close());
  const callTokens = await openSignedCallTokens(name, config.serviceKeyFile);
  const privacy = createServiceClient({
    service: 'privacy',
    baseUrl: config.privacyUrl,
    tokens: callTokens,
  });
  const gate = house.own(
    await openGate({
      service: name,
      broker,
      publisher,
      fences: async () => (await privacy.call(internalApis.fences, {})).fences,
      log,
      metrics,
    }),
    (open) => open.stop(),
  );
  const keyring = house.own(
    await openKeyring({ client: privacy, broker, service: name, clock, log, metrics }),
    (open) => open.close(),
  );

  gate.onFence(({ tenant }) => keyring.forget(tenant));

  const tenantEntity = await openTenants(connection);
  const domainEntity = await openDomains(connection);
  const credentialEntity = await openCredentials(connection);
  const tokenEntity = await openTokens(connection);
  // In this order a snapshot tells them: a tenant before what belongs to it.
  const entities = [
    anyEntity(tenantEntity),
    anyEntity(domainEntity),
    anyEntity(credentialEntity),
    anyEntity(tokenEntity),
  ];

  const outbox = createOutbox({ entities, publisher, log });
  const events = createEvents(log, metrics);
  const shared = {
    writer: createWriter({ clock, outbox, gate }),
    gate,
    facts: createFacts(keyring),
    clock,
    events,
  };
  const domains = createDomains({ ...shared, entity: domainEntity });
  const credentials = createCredentials({ ...shared, entity: credentialEntity });
  const tokens = createTokens({ ...shared, entity: tokenEntity, tenants: tenantEntity });
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
  const { writer } = shared;
  const nouns = { writer, tenants, domains, credentials, tokens, entities, outbox, events };
  return { ...nouns, gate, connection, broker, publisher };
}
