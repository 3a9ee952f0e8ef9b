import {
  openBroker,
  openControl,
  openPublisher,
  type Broker,
  type Control,
  type Publisher,
} from '@mysmtp/broker';
import type { ServiceName } from '@mysmtp/contracts';
import {
  createServiceClient,
  openTrust,
  type CallerVerifier,
  type ServiceClient,
} from '@mysmtp/http';
import {
  openDatabase,
  type commonSettings,
  type Config,
  type House,
  type HttpTls,
} from '@mysmtp/service';
import { openSigned, type Signed } from '@mysmtp/signed';
import type { Connection } from 'mongoose';

export type CommonConfig = Config<typeof commonSettings>;

/** What every service has, whatever it keeps. */
export interface Connections {
  readonly database: Connection;
  readonly broker: Broker;
  readonly publisher: Publisher;
  readonly control: Control;
  readonly signed: Signed;
  /** Says which service calls the internal API. */
  readonly callers: CallerVerifier;
  /** Certificates of its APIs, and the authority of the others'. */
  readonly tls: HttpTls;
  /** Calls the internal API of another service. */
  client(service: ServiceName, baseUrl: string): ServiceClient;
}

/**
 * Connects a service to its database, to the broker and to the others, for as long as the house stands.
 * All that is opened afterwards is closed before: it can write, publish and settle to its end.
 */
export async function connect(house: House<CommonConfig>): Promise<Connections> {
  const { config, name, log } = house;
  const { tokens, callers, tls } = await openTrust(house);
  const signed = await openSigned(house);
  const database = await openDatabase(house);
  const settings = { url: config.rabbitmqUrl.reveal(), service: name, log };
  const broker = house.own(openBroker(settings), (open) => open.close());
  const publisher = house.own(openPublisher(broker), (open) => open.close());
  const control = house.own(openControl(broker), (open) => open.close());
  return {
    database,
    broker,
    publisher,
    control,
    signed,
    callers,
    tls,
    client: (service, baseUrl) => createServiceClient({ service, baseUrl, tokens, tls }),
  };
}
