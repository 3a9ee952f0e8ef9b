import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  dayKeyId,
  detailsRecord,
  timeOfMessageId,
  type UsageDetails,
  type MessageEvent,
} from '@mysmtp/contracts';
import { createServiceClient, openSignedCallTokens, type ServiceClient } from '@mysmtp/http';
import { localCertificates } from '@mysmtp/local-stack';
import { createLogger } from '@mysmtp/log';
import { openJson } from '@mysmtp/seal';
import { readConfig, type ServiceContext } from '@mysmtp/service';
import {
  eventually,
  freshBroker,
  freshDatabase,
  type TestBroker,
  type TestDatabase,
} from '@mysmtp/test-kit';
import { startNeighbours, type Neighbours } from '@mysmtp/test-kit/neighbours';
import { Registry } from 'prom-client';
import { settings, type IngressConfig } from '../../src/config.ts';
import { openResources } from '../../src/resources.ts';
import { openAccount, openNetwork, revokeAccount, type Account } from './accounts.ts';
import { openRawClient, type RawClient } from './client.ts';
import { freePorts } from './ports.ts';
import { consumeAll, type Taken } from './taken.ts';

/** The complete service with a real broker and database, and fakes of its neighbours' APIs. */
export interface World {
  readonly neighbours: Neighbours;
  readonly broker: TestBroker;
  readonly database: TestDatabase;
  readonly config: IngressConfig;
  readonly ca: Buffer;
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly lines: { event: string; [field: string]: unknown }[];
  readonly taken: Taken[];
  readonly events: MessageEvent[];
  now: number | undefined;
  /** Everything that a tenant needs to send. */
  account(signing?: 'ours' | 'customer'): Promise<Account>;
  network(account: Account, cidr: string): Promise<string>;
  revoke(account: Account): Promise<void>;
  /** Consumes mail and events, as delivery and logging do. */
  consume(): Promise<void>;
  /** Resolves once the service is ready, which needs its neighbours' answers. */
  start(): Promise<void>;
  /** The failing conditions of readiness. */
  unready(): Promise<string[]>;
  stop(): Promise<void>;
  /** An authenticated session on the STARTTLS listener. */
  session(account: Account): Promise<RawClient>;
  client(as: 'delivery' | 'logging' | 'identity'): Promise<ServiceClient>;
  detailsOf(event: MessageEvent): UsageDetails;
  metric(name: string): Promise<string>;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

export async function openWorld(
  given: Readonly<Record<string, string>> = {},
  /** The address of the broker for the service. */
  wayToBroker: (url: string) => Promise<string> = async (url) => url,
): Promise<World> {
  const closing = new AsyncDisposableStack();
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-ingress-'));
  closing.defer(() => rm(dir, { recursive: true }));
  const broker = closing.adopt(await freshBroker(), (opened) => opened.close());
  const database = closing.adopt(await freshDatabase(), (opened) => opened.close());
  const certificates = await localCertificates(dir);
  const neighbours = closing.adopt(await startNeighbours(() => world.now ?? Date.now()), (opened) =>
    opened.close(),
  );
  const lines: World['lines'] = [];
  const log = createLogger('ingress', 'debug', {
    write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]),
  });
  const ports = await freePorts(6);
  const env = {
    BIND_ADDRESS: '127.0.0.1',
    API_PORT: String(ports[0]),
    INTERNAL_PORT: String(ports[5]),
    OPERATIONS_PORT: String(ports[1]),
    MONGODB_URL: database.url,
    RABBITMQ_URL: await wayToBroker(broker.url),
    SERVICE_KEY_FILE: neighbours.serviceKeys.keyFile('ingress'),
    SERVICE_JWKS_FILE: neighbours.serviceKeys.jwksFile,
    CHECK_REPLIES: 'true',
    IDENTITY_URL: neighbours.urls.identity,
    PRIVACY_URL: neighbours.urls.privacy,
    SMTP_NAME: 'relay.example.org',
    SMTP_STARTTLS_PORT: String(ports[2]),
    SMTP_TLS_PORT: String(ports[3]),
    SMTP_NETWORK_PORT: String(ports[4]),
    TLS_CERT_FILE: certificates.certFile,
    TLS_KEY_FILE: certificates.keyFile,
    STOP_DEADLINE: '10s',
    ...given,
  };
  const config = readConfig(settings, env);
  let resources: AsyncDisposableStack | undefined;
  let stopping = new AbortController();
  let metrics = new Registry();
  const checks = new Map<string, () => boolean | Promise<boolean>>();

  const world: World = {
    neighbours,
    broker,
    database,
    config,
    ca: await readFile(certificates.caFile),
    dir,
    env,
    lines,
    taken: [],
    events: [],
    now: undefined,
    account: (signing = 'customer') => openAccount({ neighbours, broker }, signing),
    network: (account, cidr) => openNetwork({ neighbours, broker }, account, cidr),
    revoke: (account) => revokeAccount({ neighbours, broker }, account),
    async consume() {
      const consumers = consumeAll({ broker, neighbours, log }, world);
      closing.defer(() => consumers.close());
      // Only now their queues and bindings exist.
      await eventually(() => {
        if (!consumers.isUp()) throw new Error('The consumers are not ready yet');
      });
    },
    async start() {
      const stack = new AsyncDisposableStack();
      resources = stack;
      stopping = new AbortController();
      metrics = new Registry();
      const context: ServiceContext<IngressConfig> = {
        name: 'ingress',
        config,
        log,
        clock: { now: () => world.now ?? Date.now() },
        metrics,
        manage: (resource, close) => stack.adopt(resource, async (owned) => close(owned)),
        readyWhen: (condition, check) => void checks.set(condition, check),
        stopping: stopping.signal,
      };
      checks.clear();
      await openResources(context);
      if (neighbours.away.has('identity') || neighbours.away.has('fences')) return;
      await eventually(async () => {
        const unready = await world.unready();
        if (unready.length > 0) throw new Error(`Not ready: ${unready.join(', ')}`);
      });
    },
    async unready() {
      const all = [...checks].map(async ([name, check]) => ((await check()) ? [] : [name]));
      return (await Promise.all(all)).flat();
    },
    async stop() {
      stopping.abort();
      await resources?.disposeAsync();
      resources = undefined;
    },
    // A new account may not have reached the service yet. Failures of one network count together, so each
    // further attempt is from another one.
    session({ username, password }) {
      let from = '127.0.0.1';
      return eventually(async () => {
        const client = await openRawClient(config.starttlsPort, { from });
        const reply = await client.login(world.ca, username, password);
        if (reply.code === 235) return client;
        client.destroy();
        from = `127.1.${String(randomInt(256))}.${String(randomInt(1, 255))}`;
        throw new Error(reply.text);
      });
    },
    client: async (as) =>
      createServiceClient({
        service: 'ingress',
        baseUrl: `http://127.0.0.1:${String(config.internalPort)}`,
        tokens: await openSignedCallTokens(as, neighbours.serviceKeys.keyFile(as)),
      }),
    detailsOf({ id, n, tenant, details }) {
      const key = neighbours.keyOf(tenant, dayKeyId('events', timeOfMessageId(id)));
      const record = detailsRecord(id, n);
      return openJson(key, { tenant, record }, Buffer.from(details, 'base64')) as UsageDetails;
    },
    metric: (name) => metrics.getSingleMetricAsString(name),
    metrics: () => metrics.metrics(),
    async close() {
      await world.stop();
      await closing.disposeAsync();
    },
  };
  return world;
}
