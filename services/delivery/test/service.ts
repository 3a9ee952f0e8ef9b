import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@mysmtp/log';
import { Secret, type ServiceContext } from '@mysmtp/service';
import { commonConfig, freePort } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import type { DeliveryConfig } from '../src/config.ts';
import { openResources } from '../src/resources.ts';
import type { World } from './world.ts';

/** A delivery service in this process; its fence list is current. `ahead`: initial offset of its clock. */
export async function startService(
  world: World,
  given: Partial<DeliveryConfig> = {},
  { ahead = 0, wireGrace }: { ahead?: number; wireGrace?: number } = {},
) {
  const resources = new AsyncDisposableStack();
  const { neighbours, broker, database } = world;
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('delivery', 'debug', {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const clock = { ahead, now: () => Date.now() + clock.ahead };
  const metrics = new Registry();
  const [apiPort, internalPort] = [await freePort(), await freePort()];
  const config: DeliveryConfig = {
    ...testConfig,
    apiPort,
    internalPort,
    mongodbUrl: new Secret(database.url),
    rabbitmqUrl: new Secret(broker.url),
    serviceKeyFile: neighbours.serviceKeys.keyFile('delivery'),
    serviceJwksFile: neighbours.serviceKeys.jwksFile,
    identityUrl: neighbours.urls.identity,
    privacyUrl: neighbours.urls.privacy,
    ingressUrl: neighbours.urls.ingress,
    ...given,
  };
  const stopping = new AbortController();
  const checks: (() => boolean | Promise<boolean>)[] = [];
  const context: ServiceContext<DeliveryConfig> = {
    name: 'delivery',
    config,
    log,
    clock,
    metrics,
    manage: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
    readyWhen: (_name, check) => void checks.push(check),
    stopping: stopping.signal,
  };
  await openResources(context, wireGrace);
  const ready = async () =>
    (await Promise.all(checks.map(async (check) => check()))).every(Boolean);
  while (!(await ready())) await sleep(10);

  return {
    clock,
    internalUrl: `http://127.0.0.1:${String(internalPort)}`,
    lines,
    logged: (event: string) => lines.filter((line) => line['event'] === event),
    /** Value of a metric, for all labels or the given ones. */
    async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
      const metric = await metrics.getSingleMetric(name)?.get();
      return (metric?.values ?? [])
        .filter((value) =>
          Object.entries(labels).every(([key, want]) => value.labels[key] === want),
        )
        .reduce((sum, { value }) => sum + value, 0);
    },
    /** Calls the API with a bearer token. */
    async call(token: string, path: string, body?: unknown) {
      const response = await fetch(`http://127.0.0.1:${String(apiPort)}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    delete: (token: string, path: string) =>
      fetch(`http://127.0.0.1:${String(apiPort)}${path}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}` },
      }),
    async close() {
      if (stopping.signal.aborted) return;
      stopping.abort();
      await resources.disposeAsync();
    },
  };
}
export type Service = Awaited<ReturnType<typeof startService>>;

const minute = 60_000;

const testConfig: Omit<
  DeliveryConfig,
  | 'apiPort'
  | 'internalPort'
  | 'mongodbUrl'
  | 'rabbitmqUrl'
  | 'serviceKeyFile'
  | 'serviceJwksFile'
  | 'identityUrl'
  | 'privacyUrl'
  | 'ingressUrl'
> = {
  ...commonConfig,
  operationsPort: 1,
  ehloName: 'mail.relay.test',
  returnPathDomain: 'bounces.relay.test',
  postmaster: undefined,
  dsnDkimKeyFile: undefined,
  dsnDkimSelector: undefined,
  smarthost: undefined,
  dnsServers: undefined,
  mxPort: 25,
  privateMx: true,
  window: 500,
  deferredWindow: 200,
  deferredLease: 3_000,
  crashPause: 15_000,
  siteConnections: 20,
  connectionMessages: 100,
  connectionIdle: minute,
  // On a busy machine mail waits longer than with the default.
  sitePatience: 30_000,
  retryFirst: 5 * minute,
  retryMax: 240 * minute,
  expiry: 5 * 1_440 * minute,
  handlingLimit: 5,
  inFlightTime: 5 * minute,
  // Long enough for a slow machine: only tests of these times wait for one of them.
  connectTimeout: 20_000,
  dialTimeout: 20_000,
  greetingTimeout: 20_000,
  commandTimeout: 20_000,
  finalReplyTimeout: 20_000,
  transactionTimeout: 60_000,
};
