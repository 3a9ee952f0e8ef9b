import { openBroker, openControl, openPublisher, type Broker, type Publisher } from '@mysmtp/broker';
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
import { openDatabase, type House } from '@mysmtp/service';
import { openSigned, type Signed } from '@mysmtp/signed';
import type { Connection } from 'mongoose';
import type { DeliveryConfig } from './config.ts';

/** What delivery stands on: its database, the broker, and what it has from the other services. */
export interface Neighbours {
  readonly database: Connection;
  readonly broker: Broker;
  readonly publisher: Publisher;
  readonly signed: Signed;
  readonly standing: AskStanding;
  readonly gate: Gate;
  readonly keyring: Keyring;
  readonly projection: Projection;
  readonly ingress: ServiceClient;
  readonly callers: CallerVerifier;
}

export async function openNeighbours(house: House<DeliveryConfig>): Promise<Neighbours> {
  const { config, name: service, log, clock, metrics } = house;
  const { tokens, callers } = await openTrust(house);
  const signed = await openSigned(house);
  const client = (name: 'identity' | 'privacy' | 'ingress', baseUrl: string) =>
    createServiceClient({ service: name, baseUrl, tokens });

  const database = await openDatabase(house);
  const broker = house.own(
    openBroker({ url: config.rabbitmqUrl.reveal(), service, log }),
    (open) => open.close(),
  );
  const publisher = house.own(openPublisher(broker), (open) => open.close());
  const control = house.own(openControl(broker), (open) => open.close());
  const privacy = client('privacy', config.privacyUrl);
  const kept = { EXPIRY: config.expiry };
  const gate = standBehindGate(house, { control, publisher, signed, privacy, kept });
  const keyring = house.own(
    openKeyring({
      client: privacy,
      control,
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
      control,
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
  };
}
