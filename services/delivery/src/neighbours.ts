import { openPublisher, type BrokerSettings, type Publisher } from '@mysmtp/broker';
import { projectedEntities } from '@mysmtp/contracts';
import { standBehindGate, standingAt, type AskStanding, type Gate } from '@mysmtp/erasure';
import {
  createServiceClient,
  openTrust,
  type CallerVerifier,
  type ServiceClient,
} from '@mysmtp/http';
import { openKeyring, type Keyring } from '@mysmtp/keys';
import { openProjection, openProjectionCollection, type Projection } from '@mysmtp/projection';
import { openDatabase, type House, type InternalTls } from '@mysmtp/service';
import { openSigned, type Signed } from '@mysmtp/signed';
import type { Connection } from 'mongoose';
import type { DeliveryConfig } from './config.ts';

/** What delivery stands on: its database, the broker, and what it has from the other services. */
export interface Neighbours {
  readonly database: Connection;
  readonly broker: BrokerSettings;
  readonly publisher: Publisher;
  readonly signed: Signed;
  readonly standing: AskStanding;
  readonly gate: Gate;
  readonly keyring: Keyring;
  readonly projection: Projection;
  readonly ingress: ServiceClient;
  readonly callers: CallerVerifier;
  readonly tls: InternalTls;
}

export async function openNeighbours(house: House<DeliveryConfig>): Promise<Neighbours> {
  const { config, name: service, log, clock, metrics } = house;
  const broker = { url: config.rabbitmqUrl.reveal(), service, log };
  const { tokens, callers, tls } = await openTrust(house);
  const signed = await openSigned(house);
  const client = (name: 'identity' | 'privacy' | 'ingress', baseUrl: string) =>
    createServiceClient({ service: name, baseUrl, tokens, tls });

  const database = await openDatabase(house);
  const publisher = house.own(await openPublisher(broker), (open) => open.close());
  const privacy = client('privacy', config.privacyUrl);
  const kept = { EXPIRY: config.expiry };
  const gate = await standBehindGate(house, { broker, publisher, signed, privacy, kept });
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
  const projection = house.own(
    await openProjection({
      entities: projectedEntities.delivery,
      collection: await openProjectionCollection(database, 'identity'),
      client: client('identity', config.identityUrl),
      broker,
      signed,
      log,
      clock,
      metrics,
    }),
    (open) => open.close(),
  );
  const ingress = client('ingress', config.ingressUrl);
  return {
    database,
    broker,
    publisher,
    signed,
    standing: standingAt(privacy),
    gate,
    keyring,
    projection,
    ingress,
    callers,
    tls,
  };
}
