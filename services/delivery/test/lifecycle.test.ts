import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  eventually,
  freePort,
  nodeEnvironment,
  programOf,
  startPeer,
  type Behaviour,
  type Peer,
} from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startService } from './service.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let cleanup: AsyncDisposableStack;
beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  // One of its own, because a killed process leaves messages that it has not acknowledged.
  world = cleanup.adopt(await startWorld(), (started) => started.close());
});
afterEach(() => cleanup.disposeAsync());

/** Delivery as a separate process. It is restarted after each crash until the test is over. */
async function startProcess(peer: Peer, env: Record<string, string> = {}) {
  const { neighbours, broker, database } = world;
  const operationsPort = await freePort();
  const settings = {
    ...nodeEnvironment(),
    BIND_ADDRESS: '127.0.0.1',
    API_PORT: String(await freePort()),
    INTERNAL_PORT: String(await freePort()),
    OPERATIONS_PORT: String(operationsPort),
    MONGODB_URL: database.url,
    RABBITMQ_URL: broker.url,
    SERVICE_KEY_FILE: neighbours.serviceKeys.keyFile('delivery'),
    SERVICE_JWKS_FILE: neighbours.serviceKeys.jwksFile,
    IDENTITY_URL: neighbours.urls.identity,
    PRIVACY_URL: neighbours.urls.privacy,
    INGRESS_URL: neighbours.urls.ingress,
    EHLO_NAME: 'mail.relay.test',
    RETURN_PATH_DOMAIN: 'bounces.relay.test',
    SMARTHOST: `127.0.0.1:${String(peer.port)}`,
    DEFERRED_LEASE: '2s',
    CRASH_PAUSE: '2s',
    RETRY_FIRST: '1s',
    RETRY_MAX: '1s',
    ...env,
  };
  const exits: (number | string | null)[] = [];
  let child: ChildProcess | undefined;
  let ended = false;
  function start(): void {
    child = spawn(process.execPath, programOf('delivery'), {
      env: settings,
      stdio: 'ignore',
    });
    child.once('exit', (code, signal) => {
      exits.push(signal ?? code);
      if (!ended) start();
    });
  }
  start();
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${String(operationsPort)}/readyz`);
    expect(response.status).toBe(200);
  };
  async function end(signal: NodeJS.Signals): Promise<void> {
    ended = true;
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  }
  cleanup.defer(() => end('SIGKILL'));
  await eventually(ready, { timeout: 30_000 });
  return { exits, end, kill: () => child?.kill('SIGKILL') };
}

const held = async (): Promise<string[]> =>
  (await world.open()).filter(({ state }) => state === 'held').map(({ _id }) => _id);

test('a message that crashes its process every time is held alone; all others of its window are delivered', async () => {
  let kill = (): void => undefined;
  const peer = await startPeer({
    onRcpt: (to): Behaviour => {
      if (to !== 'poison@a.test') return 'accept';
      kill();
      return 'hang';
    },
  });
  cleanup.defer(peer.close);
  const ids: string[] = [];
  for (let n = 0; n < 30; n += 1) ids.push(await world.send({ to: [`${String(n)}@a.test`] }));
  // It comes with others in one broker message.
  const others = Array.from({ length: 30 }, (_, n) => `${String(30 + n)}@a.test`);
  const [poison = '', ...itsBatch] = await world.sendBatch(
    ['poison@a.test', ...others].map((address) => ({ to: [address] })),
  );
  ids.push(...itsBatch);
  const delivery = await startProcess(peer);
  kill = () => void delivery.kill();

  await eventually(async () => expect(await held()).toEqual([poison]), {
    timeout: 150_000,
    every: 500,
  });
  await eventually(() => expect(ids.filter((id) => world.eventsOf(id).length === 0)).toEqual([]), {
    timeout: 60_000,
  });
  expect(delivery.exits.length).toBeGreaterThanOrEqual(3);
  expect(delivery.exits.length).toBeLessThanOrEqual(8);
  expect(delivery.exits.every((signal) => signal === 'SIGKILL')).toBe(true);
  expect(new Set(ids.map((id) => world.eventsOf(id).at(-1)?.status))).toEqual(
    new Set(['delivered']),
  );
  const arrived = new Set(peer.received.flatMap(({ to }) => to));
  expect(arrived.size).toBe(60);
  // The document is there before the event.
  await eventually(() => expect(world.eventsOf(poison).at(-1)?.status).toBe('held'));
}, 240_000);

test('repeated SIGKILL under load: every message is delivered, and duplicates are few', async () => {
  const peer = await startPeer();
  cleanup.defer(peer.close);
  const window = 20;
  const delivery = await startProcess(peer, { DELIVERY_WINDOW: String(window) });
  const sent: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 150; n += 1) {
      sent.push(await world.send({ to: [`${String(round)}-${String(n)}@a.test`] }));
    }
    delivery.kill();
    await sleep(500);
  }
  await eventually(() => expect(sent.filter((id) => world.eventsOf(id).length === 0)).toEqual([]), {
    timeout: 90_000,
    every: 500,
  });
  const arrived = peer.received.flatMap(({ to }) => to);
  expect(new Set(arrived).size).toBe(450);
  // At most the messages in flight at each of the three kills.
  expect(arrived.length - 450).toBeLessThanOrEqual(3 * window);
}, 180_000);

test('of a batch, what was done long before a SIGKILL is not sent again', async () => {
  let isSlow = true;
  const peer = await startPeer({
    onRcpt: (to): Behaviour => (isSlow && to === 'slow@a.test' ? 'hang' : 'accept'),
  });
  cleanup.defer(peer.close);
  const delivery = await startProcess(peer);
  const all = ['a@a.test', 'b@a.test', 'slow@a.test'];
  const ids = await world.sendBatch(all.map((address) => ({ to: [address] })));
  await eventually(async () =>
    expect((await world.deferred()).map(({ _id, state }) => [_id, state])).toEqual(
      ids
        .slice(0, 2)
        .toSorted()
        .map((id) => [id, 'finished']),
    ),
  );
  isSlow = false;
  delivery.kill();
  await eventually(
    () =>
      expect(ids.map((id) => world.eventsOf(id).at(-1)?.status)).toEqual(
        ids.map(() => 'delivered'),
      ),
    { timeout: 60_000 },
  );
  expect(peer.received.flatMap(({ to }) => to).toSorted()).toEqual(all);
}, 120_000);

test('SIGTERM: transactions on the wire finish, the rest is given back, nothing is lost or duplicated', async () => {
  const peer = await startPeer();
  cleanup.defer(peer.close);
  const first = await startProcess(peer, { SITE_CONNECTIONS: '2' });
  const sent: string[] = [];
  const sending = (async () => {
    for (let n = 0; n < 300; n += 1) sent.push(await world.send({ to: [`${String(n)}@a.test`] }));
  })();
  await sleep(150);
  await first.end('SIGTERM');
  expect(first.exits).toEqual([0]);
  await sending;
  await startProcess(peer);
  await eventually(() => expect(sent.filter((id) => world.eventsOf(id).length === 0)).toEqual([]), {
    timeout: 60_000,
  });
  expect(peer.received.flatMap(({ to }) => to).toSorted()).toEqual(
    Array.from({ length: 300 }, (_, n) => `${String(n)}@a.test`).toSorted(),
  );
}, 120_000);

test('a stop waits for the reply to a final dot', async () => {
  const dot = Promise.withResolvers<void>();
  let slow = true;
  const peer = await startPeer({
    onData: () => {
      dot.resolve();
      return slow ? 'hang' : 'accept';
    },
  });
  cleanup.defer(peer.close);
  const stopping = await startService(world, {
    smarthost: { host: '127.0.0.1', port: peer.port },
    finalReplyTimeout: 3_000,
  });
  const id = await world.send();
  await dot.promise;
  slow = false;
  const before = Date.now();
  await stopping.close();
  expect(Date.now() - before).toBeGreaterThan(1_000);
  // No reply came, so it is deferred, and no other process tries it before it is due.
  const [document] = await world.open();
  expect(document).toMatchObject({ _id: id, state: 'ready', recipients: [{ tries: 1 }] });
});

test('leased messages are released at SIGTERM and due at once', async () => {
  const onTheWire = Promise.withResolvers<void>();
  const peer = await startPeer({
    onRcpt: () => {
      onTheWire.resolve();
      return 'hang';
    },
  });
  cleanup.defer(peer.close);
  const smarthost = { host: '127.0.0.1', port: peer.port };
  const ids = await Promise.all(Array.from({ length: 10 }, () => world.send()));
  await world.redeliver(10);
  const holding = await startService(world, {
    smarthost,
    siteConnections: 1,
    commandTimeout: 60_000,
  });
  await eventually(async () =>
    expect((await world.open()).filter(({ state }) => state === 'leased')).toHaveLength(10),
  );
  await onTheWire.promise;
  const leased = await world.open();
  expect(leased.every(({ lease, leasedAt }) => lease && leasedAt)).toBe(true);
  const closed = holding.close();
  await eventually(async () =>
    expect((await world.open()).filter(({ state }) => state === 'ready')).toHaveLength(9),
  );
  // Else the stop would wait for the reply.
  await peer.close();
  await closed;
  const left = await world.open();
  expect(left).toHaveLength(10);
  expect(left.map(({ state }) => state)).toEqual(ids.map(() => 'ready'));
  expect(left.filter(({ recipients }) => recipients?.[0]?.tries === 0)).toHaveLength(9);
});

test('a message that the broker redelivers although it is completed here is not sent twice', async () => {
  const peer = await startPeer();
  cleanup.defer(peer.close);
  const running = await startService(world, { smarthost: { host: '127.0.0.1', port: peer.port } });
  cleanup.defer(running.close);
  const id = await world.send();
  await eventually(() => expect(world.eventsOf(id)).toHaveLength(1));
  // As if the acknowledgement was lost with the connection: the broker redelivers it.
  await world.sendAgain(id);
  const other = await world.send();
  await eventually(() => expect(world.eventsOf(other)).toHaveLength(1));
  expect(peer.received).toHaveLength(2);
  expect(await world.deferred()).toEqual([]);
});
