import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { eventually, type Behaviour } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let stage: Stage;
beforeEach(() => {
  stage = openStage(world);
});
afterEach(async () => {
  await stage.cleanup.disposeAsync();
  await world.connection.collection('deferred').deleteMany({});
});

test('after a refused message the connection is reset and reused', async () => {
  const { peer } = await stage.startWith({
    onRcpt: (to) => (to === 'no@a.test' ? { code: 450, text: '4.2.0 Later' } : 'accept'),
  });
  for (const to of ['no@a.test', 'yes@a.test', 'no@a.test', 'yes@a.test']) {
    await stage.firstEvent(await world.send({ to: [to] }));
  }
  expect(peer.received).toHaveLength(2);
  expect(peer.connections()).toBe(1);
});

test('the connection to a silent server is closed at the deadline of the dial', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    // To get the end of the connection as an event.
    sockets.push(socket.on('error', () => undefined).resume());
  }).listen(0, '127.0.0.1');
  stage.cleanup.defer(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await stage.startAt(port, { dialTimeout: 500, greetingTimeout: 60_000, sitePatience: 60_000 });
  const event = await stage.firstEvent(await world.send());
  expect(event).toMatchObject({ status: 'deferred' });
  await eventually(() => expect(sockets.map(({ closed }) => closed)).toEqual([true]));
});

test('a connection is replaced after CONNECTION_MESSAGES messages', async () => {
  const { peer } = await stage.startWith({}, { connectionMessages: 3, siteConnections: 1 });
  await Promise.all(Array.from({ length: 7 }, async () => stage.firstEvent(await world.send())));
  expect(peer.received).toHaveLength(7);
  expect(peer.connections()).toBe(3);
});

test.each<[string, Behaviour]>([
  ['closes', 'reset'],
  ['answers 421 to', { code: 421, text: '4.7.0 Enough for one connection' }],
])(
  'if a server %s a reused connection, the message is sent over another one and no try is counted',
  async (_name, end) => {
    let mails = 0;
    const { peer } = await stage.startWith({ onMail: () => ((mails += 1) === 2 ? end : 'accept') });
    for (let n = 0; n < 2; n += 1) {
      expect((await stage.firstEvent(await world.send())).status).toBe('delivered');
    }
    expect(peer.received).toHaveLength(2);
    expect(peer.connections()).toBe(2);
  },
);

test('a site that accepts two connections is not dialled repeatedly for a third', async () => {
  let refused = 0;
  let open = 0;
  const { peer, service } = await stage.startWith({
    onConnect: () => {
      if (open === 2) {
        refused += 1;
        return { code: 421, text: '4.7.0 Too many connections' };
      }
      open += 1;
      return 'accept';
    },
  });
  const ids = await Promise.all(Array.from({ length: 200 }, () => world.send()));
  await eventually(() => expect(ids.every((id) => world.eventsOf(id).length === 1)).toBe(true));
  expect(peer.received).toHaveLength(200);
  expect(refused).toBeLessThanOrEqual(8);
  // Counted after the broker has confirmed the events.
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_finished_total', { status: 'delivered' })).toBe(
      200,
    ),
  );
});

test('an idle connection is closed with QUIT', async () => {
  const { lines, service } = await stage.startTranscribed('250 PIPELINING', {
    connectionIdle: 1_000,
  });
  await stage.firstEvent(await world.send());
  await eventually(() => expect(lines.at(-1)).toBe('QUIT'));
  await eventually(async () => expect(await service.metric('mysmtp_delivery_connections')).toBe(0));
});
