import {
  attemptRecord,
  dayKeyId,
  detailsRecord,
  finalRevision,
  newMessageId,
  queues,
  routingKeys,
} from '@mysmtp/contracts';
import type { Attempt, MessageEvent } from '@mysmtp/contracts';
import { openBroker, openPublisher, type Publisher } from '@mysmtp/broker';
import { createLogger } from '@mysmtp/log';
import { addressIndex, sealJson } from '@mysmtp/seal';
import { Secret, type ServiceContext } from '@mysmtp/service';
import {
  commonConfig,
  followErasures,
  freshBroker,
  freePort,
  freshDatabase,
  proxyTo,
} from '@mysmtp/test-kit';
import { startNeighbours } from '@mysmtp/test-kit/neighbours';
import { Registry } from 'prom-client';
import type { LoggingConfig } from '../src/config.ts';
import { openResources } from '../src/resources.ts';

/** The complete service with a real broker, a real database and fake APIs of its neighbours. */
export async function startService(tenants: readonly string[], open = openResources) {
  const resources = new AsyncDisposableStack();
  const neighbours = await startNeighbours();
  for (const tenant of tenants) neighbours.knowTenant(tenant);
  neighbours.knowToken('operator', 'operator', null);
  resources.defer(neighbours.close);
  const broker = await freshBroker();
  resources.defer(broker.close);
  const database = await freshDatabase();
  resources.defer(database.close);
  const proxy = await proxyTo(database.url);
  resources.defer(proxy.close);
  const lines: string[] = [];
  const log = createLogger('logging', 'debug', { write: (line) => void lines.push(line) });
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead };
  const metrics = new Registry();
  const apiPort = await freePort();
  const config: LoggingConfig = {
    ...commonConfig,
    apiPort,
    internalPort: await freePort(),
    operationsPort: apiPort,
    mongodbUrl: new Secret(proxy.url),
    rabbitmqUrl: new Secret(broker.url),
    serviceKeyFile: neighbours.serviceKeys.keyFile('logging'),
    serviceJwksFile: neighbours.serviceKeys.jwksFile,
    identityUrl: neighbours.urls.identity,
    privacyUrl: neighbours.urls.privacy,
    retention: 7 * 86_400_000,
    longestRetention: 30 * 86_400_000,
  };
  const context: ServiceContext<LoggingConfig> = {
    name: 'logging',
    config,
    log,
    clock,
    metrics,
    manage: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
    readyWhen: () => undefined,
    stopping: new AbortController().signal,
  };
  await open(context);
  await broker.untilConsumed(queues.loggingMessages.name);
  const connections = openBroker({ url: broker.url, service: 'delivery', log });
  resources.defer(connections.close);
  const publisher = openPublisher(connections);
  resources.defer(publisher.close);
  const { serviceKeys: keys, fences } = neighbours;
  const erasures = await followErasures({
    broker,
    service: 'logging',
    keys,
    fences,
  });
  resources.defer(erasures.close);
  const publish = (content: unknown) => publishTo(publisher, content);

  /** Calls the API as the owner of a tenant. */
  async function call(tenant: string, path: string, body?: unknown) {
    const response = await fetch(`http://127.0.0.1:${String(apiPort)}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer owner-of-${tenant}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  }

  /** An event of delivery about a finished message, sealed for the tenant. */
  function delivered(tenant: string, given: Partial<Mail> = {}): MessageEvent {
    const mail = { ...someMail, at: clock.now(), ...given };
    const id = newMessageId(mail.at);
    const keyId = dayKeyId('events', mail.at);
    const key = neighbours.keyOf(tenant, keyId);
    const indexKey = neighbours.keyOf(tenant, 'index');
    const { sender, recipient, messageId } = mail;
    const seal = (record: string, value: unknown) =>
      sealJson(key, { tenant, keyId, record }, value);
    return {
      id,
      n: mail.n,
      tenant,
      rev: finalRevision,
      status: mail.status,
      acceptedAt: mail.at,
      nextAttemptAt: null,
      senderIndex: addressIndex(indexKey, sender),
      recipientIndex: addressIndex(indexKey, recipient),
      details: seal(detailsRecord(id, mail.n), { sender, recipient, messageId }).toString('base64'),
      attempts: [seal(attemptRecord(id, mail.n, 0), someAttempt).toString('base64')],
    };
  }

  /** The text of an answer; rejects if the connection ends before it is complete. */
  async function download(token: string, path: string) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${String(apiPort)}${path}`, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  return {
    neighbours,
    broker,
    proxy,
    metrics,
    clock,
    lines,
    call,
    download,
    apiUrl: `http://127.0.0.1:${String(apiPort)}`,
    delivered,
    publish,
    publisher,
    erasures,
    /** As seen by another client of the same database. */
    databaseUrl: database.url,
    close: () => resources.disposeAsync(),
  };
}

export interface Mail {
  at: number;
  n: number;
  sender: string;
  recipient: string;
  messageId: string;
  status: MessageEvent['status'];
}

const someMail: Omit<Mail, 'at'> = {
  n: 0,
  sender: 'hello@demo.example.org',
  recipient: 'someone@example.net',
  messageId: '<1@demo.example.org>',
  status: 'delivered',
};

export const someAttempt: Attempt = {
  at: '2026-11-24T12:00:00.000Z',
  site: 'mx.example.net',
  tlsVersion: 'TLSv1.3',
  reply: '250 2.0.0 Ok',
  enhancedCode: '2.0.0',
};

/** Every answer of the API, problems included. */
interface Answer {
  messages: { id: string; acceptedAt: string; recipient: string; status: string }[];
  next: string | null;
}

function publishTo(publisher: Publisher, content: unknown): Promise<void> {
  return publisher.publish({
    key: routingKeys.messageFinished,
    content: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
    mandatory: true,
  });
}
