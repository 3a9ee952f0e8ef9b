import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { permissionsOf } from '@mysmtp/api';
import {
  internalApis,
  sessionPrefix,
  type AccountCorrection,
  type accountCorrections,
  type IdentityChange,
  type KeyId,
  type PersonRequestNotice,
  type Role,
  type ServiceName,
  type SubmittedNotice,
  type WaitingRequestNotice,
} from '@mysmtp/contracts';
import {
  createServiceClient,
  hashToken,
  implement,
  openApi,
  openSignedCallTokens,
  type ServiceClient,
} from '@mysmtp/http';
import { askForKeys } from '@mysmtp/keys';
import { createLogger } from '@mysmtp/log';
import { readConfig, type ServiceContext } from '@mysmtp/service';
import {
  freePort,
  freshBroker,
  freshDatabase,
  proxyTo,
  type Proxy,
  type TestBroker,
  makeServiceKeys,
  type ServiceKeys,
} from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { settings } from '../src/config.ts';
import { openResources } from '../src/resources.ts';

export const exampleOperator = path.resolve(
  import.meta.dirname,
  '../../../docs/operator.example.json',
);

/** The shortest that the settings allow. Milliseconds. */
export const processLease = 2_000;

/** How long it waits before an erasure is `partial`. Milliseconds. */
export const erasurePatience = 4_000;

/** The complete service over a real broker and database, with a clock that the test moves. */
export interface World {
  now: number;
  /** Its settings, read at each start. */
  readonly env: Record<string, string>;
  /** The time of the database; the clock's unless a test changes it. */
  databaseNow?: number;
  undelivered: number;
  /** When people have presented their second factor; without it never. */
  factorAt?: () => number;
  /** Whether ingress accepts no mail. */
  isIngressAway?: boolean;
  /** What ingress was asked to send. */
  readonly mails: SubmittedNotice[];
  /** What identity was asked to tell tenants. */
  readonly told: PersonRequestNotice[];
  /** Addresses by realm and person, as identity has them. */
  readonly accounts: Map<string, string>;
  /** When they were changed, and a change of the address undone. */
  readonly changes: Map<string, { readonly changedAt: number; readonly undoneAt?: number }>;
  /** What identity was asked to tell people with an account. */
  readonly waiting: WaitingRequestNotice[];
  /** Whether identity can keep no notice. */
  isTellingImpossible?: boolean;
  readonly corrections: AccountCorrection[];
  /** Identity's answer to them. */
  correction: (typeof accountCorrections)[number];
  readonly broker: TestBroker;
  readonly keys: ServiceKeys;
  readonly dir: string;
  readonly databases: Readonly<Record<ServiceName, string>>;
  /** The connection of the verifier to the database of logging. */
  readonly verifierProxy: Proxy;
  readonly lines: { event: string; level: string; [field: string]: unknown }[];
  readonly log: ServiceContext<unknown>['log'];
  /** Starts the service, again after `stop`; the same port each time. */
  start(): Promise<Registry>;
  /** Starts another process of the service, on ports of its own. `url`: of its public API. */
  startAnother(): Promise<{ readonly url: string; close(): Promise<void> }>;
  stop(): Promise<void>;
  /** Calls privacy as this service. */
  client(as: ServiceName): Promise<ServiceClient>;
  /** Requests keys from privacy as this service. */
  ask(as: ServiceName, tenant: string, ids?: readonly KeyId[]): ReturnType<typeof askForKeys>;
  /** Of its internal API. */
  readonly internalUrl: string;
  /** Calls privacy's public API, or another one if `route` is a complete URL. */
  request(method: string, route: string, token?: string, body?: unknown): Promise<Response>;
  close(): Promise<void>;
}

export const operatorToken = 'operator-token';
export const ownerToken = 'owner-token';
/** Of a person of the tenant `t1`, with the role reader. */
export const sessionToken = `${sessionPrefix}reader`;

/** People with a second factor that is fresh now, by their session tokens. */
const people: Readonly<Record<string, { readonly role: Role; readonly tenant: string | null }>> = {
  p1: { role: 'reader', tenant: 't1' },
  p2: { role: 'dpo', tenant: 't1' },
  p3: { role: 'privacy-officer', tenant: null },
};
export const dpoToken = `${sessionPrefix}p2`;
export const officerToken = `${sessionPrefix}p3`;
const tokenOfPerson: Readonly<Record<string, string>> = {
  [sessionToken]: 'p1',
  [dpoToken]: 'p2',
  [officerToken]: 'p3',
};

/** Known to identity alone, so that a request for its erasure starts none. */
export const restrictedTenant = 't2';

/** The changes of identity: a tenant, its owner, and an operator. */
const changes: IdentityChange[] = [
  { v: 1, entity: 'tenant', id: 't1', version: 1, state: { status: 'active' } },
  { v: 1, entity: 'tenant', id: restrictedTenant, version: 1, state: { status: 'restricted' } },
  {
    v: 1,
    entity: 'token',
    id: 'k1',
    version: 1,
    state: { role: 'owner', tenant: 't1', hash: hashToken(ownerToken) },
  },
  {
    v: 1,
    entity: 'token',
    id: 'k2',
    version: 1,
    state: { role: 'operator', tenant: null, hash: hashToken(operatorToken) },
  },
];

export async function openWorld(
  now: number,
  given: Readonly<Record<string, string>> = {},
): Promise<World> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-privacy-'));
  const closing = new AsyncDisposableStack();
  closing.defer(() => rm(dir, { recursive: true }));
  await mkdir(path.join(dir, 'vault'));
  await chmod(path.join(dir, 'vault'), 0o700);
  const keys = await makeServiceKeys(dir);
  await makeCertificateKeys(dir);
  const openDatabase = async () => closing.adopt(await freshDatabase(), (open) => open.close()).url;
  const databases = {
    ingress: await openDatabase(),
    delivery: await openDatabase(),
    logging: await openDatabase(),
    identity: await openDatabase(),
    privacy: await openDatabase(),
  };
  const verifierProxy = closing.adopt(await proxyTo(databases.logging), (open) => open.close());
  const broker = closing.adopt(await freshBroker(), (open) => open.close());
  const lines: World['lines'] = [];
  const log = createLogger('privacy', 'info', {
    write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]),
  });

  // The other services: real HTTP servers with the routes that privacy calls.
  const neighbours = closing.adopt(
    await openApi({
      service: 'delivery',
      address: '127.0.0.1',
      port: 0,
      internalPort: 0,
      log,
      metrics: new Registry(),
      tokens: () => undefined,
      callers: { verify: async () => 'privacy' },
      routes: [
        implement(internalApis.snapshot, 'Snapshot', async () => ({ changes, next: null })),
        implement(internalApis.principalOf, 'Principal', async ({ hash }) => {
          const token = Object.keys(tokenOfPerson).find((one) => hash === hashToken(one)) ?? '';
          const id = tokenOfPerson[token];
          const person = id === undefined ? undefined : people[id];
          if (id === undefined || person === undefined) return { principal: null };
          return {
            principal: {
              kind: 'person' as const,
              id,
              ...person,
              permissions: [...permissionsOf(person.role)],
              session: `session of ${id}`,
              factorAt: world.factorAt === undefined ? null : world.factorAt(),
            },
          };
        }),
        implement(internalApis.submitNotice, 'Mails', async (mail) => {
          if (world.isIngressAway === true) throw new Error('Away');
          world.mails.push(mail);
          return { result: 'accepted' as const };
        }),
        implement(internalApis.noticeRequest, 'Requests', async (notice) => {
          world.told.push(notice);
          return {};
        }),
        implement(internalApis.findAccount, 'Accounts', async ({ realm, person }) => ({
          address: world.accounts.get(`${realm} ${person}`) ?? null,
          ...world.changes.get(`${realm} ${person}`),
        })),
        implement(internalApis.noticeWaitingRequest, 'Waiting', async (notice) => {
          if (world.isTellingImpossible === true) throw new Error('Away');
          world.waiting.push(notice);
          return {};
        }),
        implement(internalApis.correctAccount, 'Corrections', async (correction) => {
          world.corrections.push(correction);
          return { result: world.correction };
        }),
        implement(internalApis.closeAccount, 'Closings', async ({ realm, person }) => {
          world.accounts.delete(`${realm} ${person}`);
          return { result: 'closed' as const };
        }),
        implement(internalApis.undeliveredMail, 'Count', async () => ({
          count: world.undelivered,
        })),
      ],
    }),
    (open) => open.close(),
  );
  const neighbour = `http://127.0.0.1:${String(neighbours.internalPort)}`;
  const [apiPort, internalPort] = [await freePort(), await freePort()];
  const env: Record<string, string> = {
    API_PORT: String(apiPort),
    INTERNAL_PORT: String(internalPort),
    OPERATIONS_PORT: '1',
    BIND_ADDRESS: '127.0.0.1',
    MONGODB_URL: databases.privacy,
    CERTIFICATE_KEYS_FILE: path.join(dir, 'certificate.jwks'),
    OPERATOR_FILE: exampleOperator,
    CHECK_REPLIES: 'true',
    PROCESS_LEASE: `${String(processLease)}ms`,
    ERASURE_PACE: '500ms',
    ERASURE_RESEND: '500ms',
    ERASURE_PROGRESS: '2s',
    ERASURE_PATIENCE: `${String(erasurePatience)}ms`,
    VERIFIER_INGRESS_URL: databases.ingress,
    VERIFIER_DELIVERY_URL: databases.delivery,
    VERIFIER_LOGGING_URL: verifierProxy.url,
    VERIFIER_IDENTITY_URL: databases.identity,
    VERIFIER_PRIVACY_URL: databases.privacy,
    RABBITMQ_URL: broker.url,
    SERVICE_KEY_FILE: path.join(dir, 'privacy.jwk'),
    SERVICE_JWKS_FILE: path.join(dir, 'jwks'),
    IDENTITY_URL: neighbour,
    DELIVERY_URL: neighbour,
    INGRESS_URL: neighbour,
    NOTICES_FROM: 'privacy@relay.example.org',
    VAULT_DIR: path.join(dir, 'vault'),
    ...given,
  };
  const baseUrl = `http://127.0.0.1:${String(apiPort)}`;
  const internalUrl = `http://127.0.0.1:${String(internalPort)}`;
  let running: AsyncDisposableStack | undefined;

  async function open(resources: AsyncDisposableStack, env: Record<string, string>) {
    const metrics = new Registry();
    await openResources(
      {
        name: 'privacy',
        config: readConfig(settings, env),
        log,
        clock: { now: () => world.now },
        metrics,
        manage: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
        readyWhen: () => undefined,
        stopping: new AbortController().signal,
      },
      async () => world.databaseNow ?? world.now,
    );
    return metrics;
  }

  const world: World = {
    now,
    env,
    undelivered: 0,
    mails: [],
    told: [],
    accounts: new Map(),
    changes: new Map(),
    waiting: [],
    corrections: [],
    correction: 'waits',
    broker,
    keys,
    dir,
    databases,
    verifierProxy,
    lines,
    log,
    internalUrl,
    async start() {
      running = new AsyncDisposableStack();
      return open(running, env);
    },
    async startAnother() {
      await using resources = new AsyncDisposableStack();
      const [api, internal] = [String(await freePort()), String(await freePort())];
      await open(resources, { ...env, API_PORT: api, INTERNAL_PORT: internal });
      const opened = resources.move();
      return { url: `http://127.0.0.1:${api}`, close: () => opened.disposeAsync() };
    },
    async stop() {
      await running?.disposeAsync();
      running = undefined;
    },
    client: async (as) =>
      createServiceClient({
        service: 'privacy',
        baseUrl: internalUrl,
        tokens: await openSignedCallTokens(as, path.join(dir, `${as}.jwk`)),
      }),
    ask: async (as, tenant, ids) =>
      askForKeys(
        { client: await world.client(as), signed: await keys.as(as, log), service: as },
        tenant,
        ids,
      ),
    request: (method, route, token, body) =>
      fetch(new URL(route, baseUrl), {
        method,
        headers: {
          ...(token === undefined ? undefined : { authorization: `Bearer ${token}` }),
          'content-type': 'application/json',
        },
        ...(body === undefined ? undefined : { body: JSON.stringify(body) }),
      }),
    async close() {
      await world.stop();
      await closing.disposeAsync();
    },
  };
  return world;
}

export async function makeCertificateKeys(dir: string): Promise<void> {
  const signing = [randomUUID(), randomUUID()].map((kid) => ({
    ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
    kid,
  }));
  await writeFile(path.join(dir, 'certificate.jwks'), JSON.stringify({ keys: signing }));
}
