import { dayOf, newMessageId } from '@mysmtp/contracts';
import { eventually, startPeer, type PeerScript } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryConfig } from '../src/config.ts';
import { newMail } from './mail.ts';
import { startService, type Service } from './service.ts';
import { startWorld, tenant, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let cleanup: AsyncDisposableStack;
beforeEach(() => {
  cleanup = new AsyncDisposableStack();
});
afterEach(async () => {
  await cleanup.disposeAsync();
  await world.connection.collection('deferred').deleteMany({});
});

async function startWith(
  script: PeerScript = {},
  config: Partial<DeliveryConfig> = {},
  options: { ahead?: number } = {},
) {
  const peer = await startPeer(script);
  cleanup.defer(peer.close);
  const smarthost = { host: '127.0.0.1', port: peer.port };
  const service = await startService(world, { smarthost, ...config }, options);
  cleanup.defer(service.close);
  return { peer, service };
}

interface HeldEntry {
  id: string;
  tenant: string;
  reason: string;
  recipients: number;
  acceptedAt: string;
  heldAt: string;
}

async function heldOf(service: Service): Promise<HeldEntry[]> {
  const { status, body } = await service.call('operator', '/v1/held');
  expect(status).toBe(200);
  return (body as { held: HeldEntry[] }).held;
}

const act = (service: Service, id: string, action: string, token = 'operator') =>
  service.call(token, `/v1/held/${id}`, { action });

/** The undamaged chunks, by spool id. */
const intact = new Map<string, Buffer[]>();

/** Held because its handling failed repeatedly: its content in the spool is damaged. */
async function holdMessage(): Promise<string> {
  const id = await world.send({
    to: ['one@a.test', 'two@a.test'],
    spooled: true,
    insteadOfSpool: intact,
  });
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('held'), {
    timeout: 25_000,
  });
  return id;
}

const quick = { retryFirst: 10, retryMax: 10 };

test('a message whose handling fails repeatedly is held, listed and logged as an error; others are delivered', async () => {
  const { peer, service } = await startWith({}, quick);
  const id = await holdMessage();
  const other = await world.send();
  await eventually(() => expect(world.eventsOf(other).at(-1)?.status).toBe('delivered'));
  expect(peer.received).toHaveLength(1);
  const [entry, ...more] = await heldOf(service);
  expect(more).toEqual([]);
  expect(entry).toMatchObject({ id, tenant, reason: 'handling_failed', recipients: 2 });
  expect(service.logged('mail.held')).toMatchObject([{ level: 'error', message: id }]);
  expect(service.logged('mail.handling_failed')).toHaveLength(5);
  expect(await service.metric('mysmtp_delivery_held_total')).toBe(1);
  expect(world.eventsOf(id).map(({ status, nextAttemptAt }) => [status, nextAttemptAt])).toEqual([
    ['held', null],
    ['held', null],
  ]);
});

test('release makes one more attempt at once', async () => {
  const { peer, service } = await startWith({}, quick);
  const id = await holdMessage();
  // The content is repaired.
  const [document] = await world.open();
  const spoolId = document?.spool?.id ?? '';
  world.neighbours.spool.set(spoolId, intact.get(spoolId) ?? []);
  expect((await act(service, id, 'release')).status).toBe(204);
  expect((await act(service, id, 'release')).status).toBe(404);
  expect(service.logged('mail.released')).toMatchObject([
    { actor: 'token:token-operator', message: id, tenant },
  ]);
  await eventually(() => expect(peer.received).toHaveLength(1));
  await eventually(async () => expect(await world.open()).toEqual([]));
  expect(await heldOf(service)).toEqual([]);
});

test('cancel ends a message: the recipients are cancelled, no DSN is sent, the spool is released', async () => {
  const { peer, service } = await startWith({}, quick);
  const before = world.released.length;
  const id = await holdMessage();
  expect((await act(service, id, 'cancel')).status).toBe(204);
  await eventually(() =>
    expect(world.eventsOf(id).filter(({ status }) => status === 'cancelled')).toHaveLength(2),
  );
  await eventually(() => expect(world.released).toHaveLength(before + 1));
  await eventually(async () => expect(await world.open()).toEqual([]));
  expect((await act(service, id, 'cancel')).status).toBe(404);
  expect(peer.received).toEqual([]);
});

test.each<
  [string, (world: World) => { content: Buffer; headers: Record<string, string | number> }]
>([
  ['without headers', () => ({ content: Buffer.from('what is this'), headers: {} })],
  [
    'that does not open',
    () => ({
      content: Buffer.from('neither this'),
      headers: { v: 1, id: newMessageId(Date.now()), tenant, kind: 'message' },
    }),
  ],
  [
    'sealed for another id',
    ({ neighbours }) => {
      const { content, headers } = newMail(neighbours, { tenant });
      return { content, headers: { ...headers, id: newMessageId(Date.now()) } };
    },
  ],
  [
    'of a kind that only a newer release supports',
    ({ neighbours }) => {
      const { content, headers } = newMail(neighbours, { tenant });
      return { content, headers: { ...headers, kind: 'newsletter' } };
    },
  ],
])('a message %s is held unchanged, once, and never loops', async (_name, make) => {
  const { peer, service } = await startWith();
  const { content, headers } = make(world);
  await world.publishRaw(content, headers);
  await eventually(async () => expect(await heldOf(service)).toHaveLength(1));
  await world.publishRaw(content, headers);
  const other = await world.send();
  await eventually(() => expect(world.eventsOf(other).at(-1)?.status).toBe('delivered'));
  const [entry, ...more] = await heldOf(service);
  expect(more).toEqual([]);
  expect(entry).toMatchObject({ reason: 'unreadable', recipients: 0 });
  // Its own id, if it has one: a newer release can still deliver it.
  expect(entry?.id).toContain(headers['id'] ?? 'unreadable-');
  const [document] = await world.open();
  expect(document?.content.equals(content)).toBe(true);
  expect(peer.received).toHaveLength(1);
  // Another attempt has the same result.
  expect((await act(service, entry?.id ?? '', 'release')).status).toBe(204);
  await eventually(async () => expect(await heldOf(service)).toHaveLength(1));
  expect((await act(service, entry?.id ?? '', 'cancel')).status).toBe(204);
  await eventually(async () => expect(await world.open()).toEqual([]));
});

test('held mail expires with a DSN like other mail', async () => {
  // The minute of its clock ends ten seconds after the message is held; then the job expires held mail.
  const ahead = 50_000 - (Date.now() % 60_000);
  const { peer, service } = await startWith({}, quick, { ahead });
  const id = await holdMessage();
  service.clock.ahead += 5 * 86_400_000 + 60_000;
  await eventually(
    () => expect(world.eventsOf(id).filter(({ status }) => status === 'expired')).toHaveLength(2),
    {
      timeout: 90_000,
    },
  );
  await eventually(() => expect(peer.received).toHaveLength(1));
  expect(peer.received[0]?.raw.toString()).toContain('Status: 5.4.7');
}, 120_000);

test('a message whose key is destroyed is dropped, counted and logged, and nothing else happens', async () => {
  const { peer, service } = await startWith();
  const at = Date.now() - 3 * 86_400_000;
  world.neighbours.destroyKey(tenant, `mail:${dayOf(at)}`);
  const { content, headers } = newMail(world.neighbours, { tenant: 'tenant-2', at });
  await world.publishRaw(content, { ...headers, tenant });
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_dropped_total')).toBe(1),
  );
  expect(service.logged('mail.key_destroyed')).toHaveLength(1);
  expect(await world.deferred()).toEqual([]);
  expect(peer.attempted).toEqual([]);
});

test('only an operator may list and settle held mail', async () => {
  const { service } = await startWith();
  expect((await service.call(`owner-of-${tenant}`, '/v1/held')).status).toBe(404);
  expect((await service.call('nobody', '/v1/held')).status).toBe(401);
  expect((await act(service, 'x', 'cancel', `owner-of-${tenant}`)).status).toBe(404);
  expect((await act(service, 'x', 'destroy')).status).toBe(400);
  expect((await act(service, 'x', 'cancel')).status).toBe(404);
});
