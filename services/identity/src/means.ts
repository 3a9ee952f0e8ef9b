import { openPublisher, type BrokerSettings, type Publisher } from '@mysmtp/broker';
import { standBehindGate, type Gate } from '@mysmtp/erasure';
import {
  createServiceClient,
  openTrust,
  type CallerVerifier,
  type ServiceClient,
} from '@mysmtp/http';
import { openKeyring, type Keyring } from '@mysmtp/keys';
import { openDatabase, type House, type InternalTls } from '@mysmtp/service';
import { openSigned, type Signed } from '@mysmtp/signed';
import type { Connection } from 'mongoose';
import type { IdentityConfig } from './config.ts';

/** What identity's nouns stand on. */
export interface Means {
  readonly database: Connection;
  readonly broker: BrokerSettings;
  readonly publisher: Publisher;
  readonly signed: Signed;
  readonly privacy: ServiceClient;
  readonly callers: CallerVerifier;
  readonly tls: InternalTls;
  readonly gate: Gate;
  readonly keyring: Keyring;
}

export async function openMeans(house: House<IdentityConfig>): Promise<Means> {
  const { config, log, clock, metrics, name: service } = house;
  const database = await openDatabase(house);
  const broker = { url: config.rabbitmqUrl.reveal(), service, log };
  const publisher = house.own(await openPublisher(broker), (open) => open.close());
  const { tokens, callers, tls } = await openTrust(house);
  const signed = await openSigned(house);
  const privacy = createServiceClient({
    service: 'privacy',
    baseUrl: config.privacyUrl,
    tokens,
    tls,
  });
  const gate = await standBehindGate(house, { broker, publisher, signed, privacy });
  const keyring = house.own(
    await openKeyring({
      client: privacy,
      broker,
      signed,
      freshness: config.keyFreshness,
      clock,
      log,
      metrics,
    }),
    (open) => open.close(),
  );
  gate.onFence(({ tenant }) => keyring.forget(tenant));
  return { database, broker, publisher, signed, privacy, callers, tls, gate, keyring };
}
