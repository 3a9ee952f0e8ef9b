import { createServiceClient, openSignedCallTokens, type ServiceClient } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { Secret, systemClock, type Clock, type ServiceContext } from '@mysmtp/service';
import { commonConfig, eventually, freePort } from '@mysmtp/test-kit';
import type { Actor, ServiceName } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import type { IdentityConfig } from '../../src/config.ts';
import { openConnections } from '../../src/connections.ts';
import { openStores, type Stores } from '../../src/stores.ts';
import { openResources } from '../../src/resources.ts';
import type { World } from './world.ts';

/** The actor in tests that do not use the API. */
export const tester: Actor = { kind: 'command', id: 'test' };

/** No name server listens there, so that no test asks a public one. */
const nowhere = '127.0.0.1:9';

interface TestContext extends AsyncDisposable {
  readonly context: ServiceContext<IdentityConfig>;
  readonly lines: string[];
  isReady(): Promise<boolean>;
}

export async function testContext(
  world: World,
  rabbitmqUrl = world.broker.url,
  processLease = 10_000,
  clock: Clock = systemClock,
  given: Partial<IdentityConfig> = {},
): Promise<TestContext> {
  const resources = new AsyncDisposableStack();
  const lines: string[] = [];
  const checks: (() => boolean | Promise<boolean>)[] = [];
  const context: ServiceContext<IdentityConfig> = {
    name: 'identity',
    config: {
      ...commonConfig,
      apiPort: await freePort(),
      internalPort: await freePort(),
      operationsPort: await freePort(),
      processLease,
      mongodbUrl: new Secret(world.mongodbUrl),
      rabbitmqUrl: new Secret(rabbitmqUrl),
      serviceKeyFile: world.keyFile('identity'),
      serviceJwksFile: world.jwksFile,
      privacyUrl: world.privacyUrl,
      ingressUrl: world.ingress.url,
      consoleUrl: 'http://localhost',
      noticesFrom: 'notices@example.org',
      dnsServers: [nowhere],
      domainCheckPause: 30_000,
      spfInclude: 'include:_spf.relay.example',
      signUpsPerNetwork: 20,
      privateProviders: false,
      returnPathDomain: 'bounces.relay.example',
      ...given,
    },
    log: createLogger('identity', 'debug', { write: (line) => void lines.push(line) }),
    clock,
    metrics: new Registry(),
    manage: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
    readyWhen: (_name, check) => void checks.push(check),
    stopping: new AbortController().signal,
  };
  const isReady = async () =>
    (await Promise.all(checks.map(async (check) => check()))).every(Boolean);
  return { context, lines, isReady, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** No data of a tenant is written before. */
async function untilReady(isReady: () => Promise<boolean>): Promise<void> {
  await eventually(async () => expect(await isReady()).toBe(true));
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A running identity, called over HTTP. */
export interface Identity extends AsyncDisposable {
  readonly url: string;
  readonly lines: readonly string[];
  readonly metrics: Registry;
  call(method: string, path: string, token: string, body?: unknown): Promise<Answer>;
  /** Calls its internal API as ingress does. */
  readonly client: ServiceClient;
  clientOf(service: ServiceName): Promise<ServiceClient>;
}

export async function startIdentity(
  world: World,
  rabbitmqUrl?: string,
  processLease?: number,
  given?: Partial<IdentityConfig>,
): Promise<Identity> {
  const opened = await testContext(world, rabbitmqUrl, processLease, undefined, given);
  await openResources(opened.context);
  await untilReady(opened.isReady);
  const { apiPort, internalPort } = opened.context.config;
  const url = `http://127.0.0.1:${String(apiPort)}`;
  const clientOf = async (service: ServiceName) =>
    createServiceClient({
      service: 'identity',
      baseUrl: `http://127.0.0.1:${String(internalPort)}`,
      tokens: await openSignedCallTokens(service, world.keyFile(service)),
    });
  return {
    url,
    lines: opened.lines,
    metrics: opened.context.metrics,
    client: await clientOf('ingress'),
    clientOf,
    async call(method, path, token, body) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          'content-type': 'application/json',
        },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        body: text === '' ? {} : (JSON.parse(text) as Answer['body']),
      };
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** The stores behind the API, as another process of identity would open them. */
export async function openRooms(
  world: World,
  rabbitmqUrl?: string,
  clock?: Clock,
  given?: Partial<IdentityConfig>,
): Promise<
  AsyncDisposable & {
    readonly stores: Stores;
    readonly tenants: Tenants;
    readonly lines: readonly string[];
  }
> {
  const { context, lines, isReady, ...opened } = await testContext(
    world,
    rabbitmqUrl,
    undefined,
    clock,
    given,
  );
  const connections = await openConnections(context);
  const stores = await openStores(context, connections);
  await untilReady(isReady);
  // As the service does at its start: without the realm's keys its first use would fail.
  await eventually(stores.activateOperatorRealm);
  return { stores, tenants: connections.tenants, lines, ...opened };
}
