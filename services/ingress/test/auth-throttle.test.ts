import { createHash, randomUUID } from 'node:crypto';
import { openAuthThrottle, type AuthThrottle } from '@mysmtp/auth-throttle';
import { openBroker, openControl, openPublisher } from '@mysmtp/broker';
import { broadcasts, minute, operatorRealm } from '@mysmtp/contracts';
import { openApi, openSignedCallerVerifier, serve } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import type { ServiceContext } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import { eventually } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { IngressConfig } from '../src/config.ts';
import { openResources } from '../src/resources.ts';
import type { Account } from './support/accounts.ts';
import { openRawClient, type Reply } from './support/client.ts';
import { freePorts } from './support/ports.ts';
import { openWorld, type World } from './support/world.ts';

const opened: AsyncDisposableStack[] = [];
let world: World;
let account: Account;

beforeEach(async () => {
  world = await openWorld();
  await world.consume();
  await world.start();
  account = await world.account();
});
afterEach(async () => {
  for (const stack of opened.splice(0)) await stack.disposeAsync();
  await world.close();
});

const wrong = 'a-wrong-password';

/** One AUTH on a connection of its own. */
async function tryLogin(
  password: string,
  { port = world.config.starttlsPort, username = account.username, from = '127.0.0.1' } = {},
): Promise<Reply> {
  const client = await openRawClient(port, { from });
  const reply = await client.login(world.ca, username, password);
  client.destroy();
  return reply;
}

function contextOf(stack: AsyncDisposableStack, config = world.config) {
  const ready = new Map<string, () => boolean | Promise<boolean>>();
  const context: ServiceContext<IngressConfig> = {
    name: 'ingress',
    config,
    log: createLogger('ingress', 'error', { write: () => undefined }),
    clock: { now: () => world.now ?? Date.now() },
    metrics: new Registry(),
    manage: (resource, close) => stack.adopt(resource, async (owned) => close(owned)),
    readyWhen: (name, check) => void ready.set(name, check),
    stopping: new AbortController().signal,
  };
  return { context, ready };
}

/** A second process of ingress; returns its port. */
async function startSecond(): Promise<number> {
  const stack = new AsyncDisposableStack();
  opened.push(stack);
  const [apiPort, internalPort, starttlsPort, tlsPort, networkPort] = await freePorts(5);
  const ports = { apiPort, internalPort, starttlsPort, tlsPort, networkPort };
  const config = { ...world.config, ...ports } as IngressConfig;
  const { context, ready } = contextOf(stack, config);
  await openResources(context);
  await eventually(async () => {
    for (const [name, check] of ready) if (!(await check())) throw new Error(name);
  });
  return config.starttlsPort;
}

/** The throttle of another service, at the same broker. */
async function openAnother(): Promise<AuthThrottle> {
  const stack = new AsyncDisposableStack();
  opened.push(stack);
  const { context } = contextOf(stack);
  const { log } = context;
  const broker = openBroker({ url: world.broker.url, service: 'identity', log });
  stack.defer(() => broker.close());
  const publisher = openPublisher(broker);
  const control = openControl(broker);
  stack.defer(() => control.close());
  stack.defer(() => publisher.close());
  const scope = { key: async () => world.neighbours.keyOf(operatorRealm, 'index') };
  // This process has no connection to privacy, only the key that privacy gives.
  const tenants = {
    run: (_tenant: string, _purpose: string, work: (of: typeof scope) => unknown) => work(scope),
  } as unknown as Tenants;
  const throttle = openAuthThrottle(
    { ...context, name: 'identity' },
    { control, publisher, tenants },
  );
  await eventually(() => {
    if (!throttle.isShared() || !control.isUp() || !publisher.isReady()) throw new Error('Not yet');
  });
  return throttle;
}

/**
 * Until the process counts under the key of all processes, and broadcasts. What it has counted before does not
 * count any more.
 */
async function untilShared(): Promise<void> {
  await using listening = new AsyncDisposableStack();
  const { log } = contextOf(listening).context;
  const broker = openBroker({ url: world.broker.url, service: 'identity', log });
  listening.defer(() => broker.close());
  const control = openControl(broker);
  listening.defer(() => control.close());
  let heard = 0;
  control.subscribe({
    bindings: broadcasts.authAttempts,
    handle: () => Promise.resolve(void (heard += 1)),
  });
  await eventually(async () => {
    await tryLogin(wrong, { username: `nobody-${randomUUID()}`, from: '127.0.3.1' });
    expect(heard).toBeGreaterThan(0);
  });
}

test('sixty wrong passwords over six connections do not end in 235 for a guessed one', async () => {
  await untilShared();
  await eventually(async () =>
    expect((await tryLogin(account.password, { from: '127.0.0.9' })).code).toBe(235),
  );
  const answers: Reply[] = [];
  for (let connection = 0; connection < 6; connection += 1) {
    const client = await openRawClient(world.config.starttlsPort, { from: '127.0.0.2' });
    answers.push(await client.login(world.ca, account.username, wrong));
    for (let attempt = 1; attempt < 10 && !client.isClosed(); attempt += 1) {
      const token = Buffer.from(`\0${account.username}\0${wrong}`).toString('base64');
      answers.push(await client.say(`AUTH PLAIN ${token}`));
    }
    client.destroy();
  }
  expect(answers.slice(0, 10).map(({ code }) => code)).toEqual(Array(10).fill(535));
  for (const { text } of answers.slice(11))
    expect(text).toMatch(/^(454|421) 4\.7\.0 Too many failed/);
  const guessed = await tryLogin(account.password, { from: '127.0.0.2' });
  expect(guessed.text).toMatch(/^454 4\.7\.0 Too many failed authentications, try again later$/);
  // The customer is in another network.
  expect((await tryLogin(account.password, { from: '127.0.0.9' })).code).toBe(235);
  world.now = Date.now() + 15 * minute;
  expect((await tryLogin(account.password, { from: '127.0.0.2' })).code).toBe(235);
  expect(await world.metric('mysmtp_auth_throttled_total')).toMatch(/reason="pair"\} [1-9]/);
  expect(JSON.stringify(world.lines)).not.toMatch(/127\.0\.0\.[29]|a-wrong-password/);
});

test('two processes of ingress count together', async () => {
  const port = await startSecond();
  await eventually(async () =>
    expect((await tryLogin(account.password, { port, from: '127.0.0.9' })).code).toBe(235),
  );
  // A process counts alone until it has the common key, so another user name is tried until both have it.
  let round = 0;
  await eventually(async () => {
    round += 1;
    const client = { username: `nobody-${String(round)}`, from: `127.0.1.${String(round)}` };
    for (let count = 0; count < 5; count += 1) {
      expect((await tryLogin(wrong, client)).code).toBe(535);
      expect((await tryLogin(wrong, { ...client, port })).code).toBe(535);
    }
    await eventually(
      async () => {
        expect((await tryLogin(wrong, client)).code).toBe(454);
        expect((await tryLogin(wrong, { ...client, port })).code).toBe(454);
      },
      { timeout: 500 },
    );
  });
});

test('SMTP and HTTP of all services count together', async () => {
  const throttle = await openAnother();
  const api = await openApi({
    service: 'identity',
    address: '127.0.0.1',
    port: 0,
    internalPort: 0,
    routes: serve({
      read: {
        method: 'get',
        path: '/v1/things',
        summary: 'Things',
        access: { permission: 'tenants:read' },
        replies: { 204: 'empty' },
      },
    } as const)({ read: async () => ({ status: 204 }) }),
    tokens: () => undefined,
    authFailures: throttle,
    callers: await openSignedCallerVerifier('identity', world.neighbours.serviceKeys.jwksFile),
    log: createLogger('identity', 'error', { write: () => undefined }),
    metrics: new Registry(),
  });
  const get = async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    const { status, headers: got } = await fetch(`http://127.0.0.1:${String(api.port)}/v1/things`, {
      headers,
    });
    return { status, wait: Number(got.get('retry-after')) };
  };
  try {
    expect(await get('Bearer wrong')).toMatchObject({ status: 401 });
    // By SMTP, each with another user name.
    let count = 0;
    await eventually(
      async () => {
        await tryLogin(wrong, { username: `nobody-${String((count += 1))}` });
        if (count < 49) throw new Error('Fewer than the limit');
        expect(await get('Bearer wrong')).toMatchObject({ status: 429 });
      },
      { every: 1, timeout: 20_000 },
    );
    expect((await get('Bearer wrong')).wait).toBeGreaterThan(800);
    // Without a token nothing has failed.
    expect(await get()).toMatchObject({ status: 401 });
    expect((await tryLogin(account.password)).text).toMatch(/^454 4\.7\.0 /);
    // Another network is not affected.
    expect((await tryLogin(account.password, { from: '127.0.0.9' })).code).toBe(235);
  } finally {
    await api.close();
  }
});

test('a client that has tried a new credential too early is not refused once it exists', async () => {
  await untilShared();
  const { tenant } = account;
  await world.revoke(account);
  await eventually(async () => expect((await tryLogin(account.password)).code).toBe(535));
  for (let count = 0; count < 10; count += 1) await tryLogin(account.password);
  expect((await tryLogin(account.password)).code).toBe(454);
  const state = {
    kind: 'password',
    tenant,
    username: account.username,
    secretHash: createHash('sha256').update(account.password).digest('base64url'),
  } as const;
  const change = { entity: 'credential', id: randomUUID(), state } as const;
  await world.neighbours.change(world.broker, change);
  await eventually(async () => expect((await tryLogin(account.password)).code).toBe(235));
});
