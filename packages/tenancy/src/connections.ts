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
  type ServiceContext,
  type HttpTls,
} from '@mysmtp/service';
import { openSigned, type Signed } from '@mysmtp/signed';
import type { Connection } from 'mongoose';

export type CommonConfig = Config<typeof commonSettings>;

/** The connections that every service has. */
export interface Connections {
  readonly database: Connection;
  readonly broker: Broker;
  readonly publisher: Publisher;
  readonly control: Control;
  readonly signed: Signed;
  /** Identifies the service that calls the internal API. */
  readonly callers: CallerVerifier;
  /** Certificates of the service's own APIs, and the certificate authority of the others. */
  readonly tls: HttpTls;
  /** Calls the internal API of another service. */
  client(service: ServiceName, baseUrl: string): ServiceClient;
}

/**
 * Connects a service to its database, the broker and the other services until its context closes.
 * Everything that is opened afterwards is closed before, so that it can write, publish and settle to the
 * end.
 */
export async function connect(context: ServiceContext<CommonConfig>): Promise<Connections> {
  const { config, name, log } = context;
  const { tokens, callers, tls } = await openTrust(context);
  const signed = await openSigned(context);
  const database = await openDatabase(context);
  const settings = { url: config.rabbitmqUrl.reveal(), service: name, log };
  const broker = context.manage(openBroker(settings), (open) => open.close());
  const publisher = context.manage(openPublisher(broker), (open) => open.close());
  const control = context.manage(openControl(broker), (open) => open.close());
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
