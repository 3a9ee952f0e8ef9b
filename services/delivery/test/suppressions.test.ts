import { addressIndex } from '@mysmtp/seal';
import { eventually, followOrders, type Orders } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startHoldingServer } from './holding-server.ts';
import { openStage } from './stage.ts';
import { other, startWorld, tenant, type World } from './world.ts';

let world: World;
let stage: ReturnType<typeof openStage>;
let orders: Orders;
beforeAll(async () => {
  world = await startWorld();
  const { broker, neighbours } = world;
  orders = await followOrders({ broker, service: 'delivery', keys: neighbours.serviceKeys });
});
afterAll(async () => {
  await orders.close();
  await world.close();
});
beforeEach(() => {
  stage = openStage(world);
});
afterEach(async () => {
  await stage.cleanup.disposeAsync();
  // Also the DSNs that no test waits for.
  await world.connection.collection('deferred').deleteMany({});
});

const personOf = (address: string, of = tenant) => ({
  tenant: of,
  person: addressIndex(world.neighbours.keyOf(of, 'index'), address),
});
const statusOf = (id: string, n = 0) =>
  world.eventsOf(id).findLast((event) => event.n === n)?.status;
const sender = 'hello@demo.example.org';
const owner = `owner-of-${tenant}`;
const listed = { suppressions: expect.any(Array) as unknown[], next: null };

test('an objection is in force in two processes within a second: the other recipients get the mail, the sender a DSN', async () => {
  const first = await stage.startWith();
  const second = await stage.startWith();
  const peers = [first.peer, second.peer];
  await orders.mark(personOf('gone@a.test'), 'objection');
  const marked = performance.now();
  // Enough for both processes.
  const sending = Array.from({ length: 20 }, () =>
    world.send({ to: ['gone@a.test', 'stays@a.test'] }),
  );
  // All are on their way to the broker. Its confirms may come later.
  expect(performance.now() - marked).toBeLessThan(1_000);
  const ids = await Promise.all(sending);
  await eventually(() =>
    expect(ids.map((id) => statusOf(id, 1))).toEqual(ids.map(() => 'delivered')),
  );
  await eventually(() => expect(ids.map((id) => statusOf(id))).toEqual(ids.map(() => 'bounced')));
  for (const { attempted } of peers) {
    const addresses = attempted.flatMap(({ to }) => to);
    expect(addresses).toContain('stays@a.test');
    expect(addresses).not.toContain('gone@a.test');
  }
  // Each sender gets its DSN. One that is left would occupy the only connection of the next test.
  await eventually(() =>
    expect(
      peers.flatMap(({ attempted }) => attempted).filter(({ to }) => to.includes(sender)),
    ).toHaveLength(ids.length),
  );
  const [id = ''] = ids;
  const bounced = world.eventsOf(id).find(({ n, status }) => n === 0 && status === 'bounced');
  expect(bounced && world.attemptsOf(bounced)).toMatchObject([
    {
      site: null,
      enhancedCode: '5.7.1',
      reply: '550 5.7.1 The addressee has objected to mail from this sender',
    },
  ]);
  // An objection is about one tenant.
  const foreign = await world.send({ tenant: other, to: ['gone@a.test'] });
  await eventually(() => expect(statusOf(foreign)).toBe('delivered'));
});

test('mail that waits for a connection is stopped by an objection', async () => {
  const server = await startHoldingServer();
  const service = await stage.startAt(server.port, {
    siteConnections: 1,
    finalReplyTimeout: 60_000,
  });
  // Before the service, which would wait for the reply to the DSN.
  stage.cleanup.defer(server.close);
  const onWire = await world.send({ to: ['first@a.test'] });
  await eventually(() => expect(server.waiting()).toBe(1));
  const waiting = await world.send({ to: ['waits@a.test'] });
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_window_messages')).toBe(2),
  );
  await orders.mark(personOf('waits@a.test'), 'objection');
  server.answer('250 2.0.0 OK');
  await eventually(() => expect(statusOf(onWire)).toBe('delivered'));
  await eventually(async () =>
    expect(
      await service.metric('mysmtp_delivery_postponed_total', { reason: 'suppressed_meanwhile' }),
    ).toBe(1),
  );
  service.clock.ahead += 120_000;
  await eventually(() => expect(statusOf(waiting)).toBe('bounced'));
  expect(server.commands.join('\n')).not.toContain('waits@a.test');
});

test('nothing is read for a tenant without suppressions', async () => {
  const { service } = await stage.startWith();
  const collection = world.connection.collection('suppressions');
  await collection.deleteMany({});
  await service.close();
  const again = await stage.startWith();
  await eventually(() => expect(again.service.logged('suppressions.read')).toHaveLength(1));
  // A suppression of which no process was told is not seen, because nothing is read.
  const { person } = personOf('someone@a.test');
  await collection.insertOne({
    _id: 'untold' as never,
    tenant,
    person,
    ground: 'objection',
    request: 'none',
    at: new Date(),
  });
  const id = await world.send({ to: ['someone@a.test'] });
  await eventually(() => expect(statusOf(id)).toBe('delivered'));
  await again.service.close();
  // A process that starts knows it.
  await stage.startWith();
  const refused = await world.send({ to: ['someone@a.test'] });
  await eventually(() => expect(statusOf(refused)).toBe('bounced'));
  await collection.deleteMany({});
});

test('the tenant finds a suppression by the address, is told the consequence, and removes it', async () => {
  const { service } = await stage.startWith();
  const request = await orders.mark(personOf('again@a.test'), 'objection');
  const search = (token: string, address: string) =>
    service.call(token, '/v1/suppressions/search', { address });
  const found = await search(owner, 'again@A.test');
  expect(found).toMatchObject({ status: 200, body: listed });
  const [suppression] = (found.body as { suppressions: { id: string }[] }).suppressions;
  expect(suppression).toMatchObject({
    ground: 'objection',
    request,
    consequence: expect.stringContaining('sent to the person again') as string,
  });
  expect(await search(`owner-of-${other}`, 'again@a.test')).toMatchObject({
    body: { suppressions: [] },
  });
  const all = await service.call(owner, '/v1/suppressions');
  expect(all.body).toEqual(found.body);
  const at = `/v1/suppressions/${suppression?.id ?? ''}`;
  expect((await service.delete(owner, at)).status).toBe(400);
  expect((await service.delete(`owner-of-${other}`, `${at}?confirm=send-again`)).status).toBe(404);
  expect((await service.delete(owner, `${at}?confirm=send-again`)).status).toBe(204);
  const id = await world.send({ to: ['again@a.test'] });
  await eventually(() => expect(statusOf(id)).toBe('delivered'));
});

test('a restriction stops mail, can be lifted by an order only, and two grounds are independent', async () => {
  const { service } = await stage.startWith();
  const person = personOf('held@a.test');
  await orders.mark(person, 'restriction');
  const id = await world.send({ to: ['held@a.test'] });
  await eventually(() => expect(statusOf(id)).toBe('bounced'));
  const event = world.eventsOf(id).at(-1);
  expect(event && world.attemptsOf(event)[0]?.reply).toBe(
    '550 5.7.1 The use of the data of the addressee is restricted',
  );
  const found = await service.call(owner, '/v1/suppressions/search', { address: 'held@a.test' });
  const [suppression] = (found.body as { suppressions: { id: string }[] }).suppressions;
  const at = `/v1/suppressions/${suppression?.id ?? ''}?confirm=send-again`;
  expect((await service.delete(owner, at)).status).toBe(409);
  await orders.mark(person, 'objection');
  await orders.mark(person, 'restriction', false);
  const objected = await world.send({ to: ['held@a.test'] });
  await eventually(() => expect(statusOf(objected)).toBe('bounced'));
  await orders.mark(person, 'objection', false);
  const free = await world.send({ to: ['held@a.test'] });
  await eventually(() => expect(statusOf(free)).toBe('delivered'));
});

test('what delivery has of a person is gathered, and nothing of another person', async () => {
  await stage.startWith({
    onRcpt: () => ({ code: 451, text: '4.7.1 Later' }),
  });
  const waiting = await world.send({ to: ['asks@a.test', 'other@a.test'] });
  await eventually(() => expect(statusOf(waiting)).toBe('deferred'));
  const request = await orders.mark(personOf('asks@a.test'), 'objection');
  expect(await orders.gather(personOf('asks@a.test'))).toEqual({
    'delivery.deferred': [
      {
        id: waiting,
        kind: 'message',
        acceptedAt: expect.any(String) as string,
        sender,
        recipients: [{ address: 'asks@a.test', status: 'deferred' }],
        octets: expect.any(Number) as number,
      },
    ],
    'delivery.suppressions': [{ ground: 'objection', request, at: expect.any(String) as string }],
  });
  // The sender gets all recipients: it has written to them.
  const sent = await orders.gather(personOf(sender));
  const mail = (sent['delivery.deferred'] ?? []) as { kind: string }[];
  expect(mail.filter(({ kind }) => kind === 'message')).toMatchObject([
    { recipients: [{ address: 'asks@a.test' }, { address: 'other@a.test' }] },
  ]);
  expect(await orders.gather(personOf('nobody@a.test'))).toEqual({
    'delivery.deferred': [],
    'delivery.suppressions': [],
  });
});
