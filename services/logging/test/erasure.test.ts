import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { newMessageId, queues, type Fence } from '@mysmtp/contracts';
import { eventually, proxyTo, type Proxy } from '@mysmtp/test-kit';
import mongoose, { type mongo } from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { event, later } from './events.ts';
import { startService } from './service.ts';
import { openStore, type Store } from './store.ts';

const queue = queues.loggingMessages.name;

describe('what one process has in hand when a fence falls', () => {
  let proxy: Proxy;
  let store: Store;
  const fence: Fence = { erasure: randomUUID(), tenant: 'going' };

  beforeEach(async () => {
    store = await openStore(async (url) => {
      proxy = await proxyTo(url);
      return proxy.url;
    });
  });
  afterEach(async () => {
    await store.close();
    await proxy.close();
  });

  const tenants = async () => (await store.rows()).map(({ tenant }) => tenant).sort();

  test('rows that wait for their write are dropped and counted, those of others are written', async () => {
    const intake = store.intake();
    const adding = intake.add([
      event({ tenant: 'going' }),
      event({ tenant: 'staying' }),
      event({ tenant: 'going' }),
    ]);
    await store.gate.close(fence);
    store.clock.time += 2_000;
    expect(await adding).toBe(true);
    expect(await tenants()).toEqual(['staying']);
    expect(store.dropped.get(fence.erasure)).toBe(2);
    expect(await store.count('fenced')).toBe(2);
  });

  test('it is not acknowledged before all that waits is counted and settled, however young', async () => {
    const intake = store.intake(200);
    const settled: boolean[] = [];
    const given = Array.from({ length: 30 }, () =>
      intake
        .add([event({ tenant: 'going' }), event({ tenant: 'going' })])
        .then((durable) => settled.push(durable)),
    );
    const mixed = intake.add([event({ tenant: 'going' }), event({ tenant: 'staying' })]);
    // The clock of the intake stands still: nothing of it becomes due.
    await store.gate.close(fence);
    expect(store.dropped.get(fence.erasure)).toBe(61);
    expect(await store.count('fenced')).toBe(61);
    await Promise.all(given);
    expect(settled).toEqual(Array.from({ length: 30 }, () => true));
    store.clock.time += 10_000;
    expect(await mixed).toBe(true);
    expect(await tenants()).toEqual(['staying']);
  });

  test('what cannot be counted now is counted later, and it is not acknowledged meanwhile', async () => {
    const intake = store.intake();
    const adding = intake.add([event({ tenant: 'going' })]);
    store.countsFail = true;
    let acknowledged = false;
    const closing = store.gate.close(fence).then(() => (acknowledged = true));
    await sleep(500);
    expect(acknowledged).toBe(false);
    store.countsFail = false;
    await closing;
    expect(await adding).toBe(true);
    expect(store.dropped.get(fence.erasure)).toBe(1);
  });

  test('what comes after it is dropped and counted, whatever is known of it', async () => {
    const intake = store.intake();
    const before = later(event({ tenant: 'going' }), 'deferred', 1);
    await intake.add([before]);
    await store.gate.close(fence);
    const mixed = [later(before, 'delivered'), later(event({ tenant: 'staying' }), 'delivered')];
    expect(await Promise.all([intake.add(mixed), intake.add([before])])).toEqual([true, true]);
    expect((await store.rows()).map(({ tenant, status }) => `${tenant} ${status}`).sort()).toEqual([
      'going deferred',
      'staying delivered',
    ]);
    expect(store.dropped.get(fence.erasure)).toBe(2);
  });

  test('it is not acknowledged before a write that is under way has ended', async () => {
    const intake = store.intake();
    await intake.add([later(event({ tenant: 'staying' }), 'delivered')]);
    // The write arrives; that it did is never heard of.
    proxy.deafen();
    const adding = intake.add([later(event({ tenant: 'going' }), 'delivered')]);
    await sleep(500);
    let acknowledged = false;
    const closing = store.gate.close(fence).then(() => (acknowledged = true));
    await sleep(500);
    expect(acknowledged).toBe(false);
    proxy.cut();
    await closing;
    // While the database is away for all others' rows too.
    expect(await adding).toBe(true);
    expect(store.dropped.get(fence.erasure)).toBe(1);
    proxy.mend();
  });

  test('what comes after it is counted at once, whatever else waits for its write', async () => {
    const intake = store.intake();
    await store.gate.close(fence);
    store.lease.isCurrent = false;
    const other = intake.add([later(event({ tenant: 'staying' }), 'delivered')]);
    expect(await intake.add([event({ tenant: 'going' })])).toBe(true);
    expect(store.dropped.get(fence.erasure)).toBe(1);
    store.lease.isCurrent = true;
    expect(await other).toBe(true);
  });

  test('what cannot be counted before the process stops is given back', async () => {
    const intake = store.intake();
    const waiting = intake.add([event({ tenant: 'going' })]);
    store.countsFail = true;
    const closing = store.gate.close(fence);
    const late = intake.add([event({ tenant: 'going' })]);
    intake.finish();
    expect(await Promise.all([waiting, late])).toEqual([false, false]);
    await closing;
    expect(store.dropped.size).toBe(0);
  });

  test('a process that may have missed a fence writes nothing and settles nothing', async () => {
    const intake = store.intake();
    store.lease.isCurrent = false;
    let settled = false;
    const adding = intake
      .add([later(event({ tenant: 'going' }), 'delivered'), later(event(), 'delivered')])
      .finally(() => (settled = true));
    await eventually(async () => {
      const failures = store.metrics.getSingleMetricAsString(
        'mysmtp_usage_log_write_failures_total',
      );
      expect(await failures).toMatch(/ [1-9]/);
    });
    expect(settled).toBe(false);
    expect(await store.rows()).toEqual([]);
    await store.gate.close(fence);
    store.lease.isCurrent = true;
    expect(await adding).toBe(true);
    expect(await tenants()).toEqual(['tenant-1']);
    expect(store.dropped.get(fence.erasure)).toBe(1);
  });
});

describe('the erasure of a tenant', () => {
  let service: Awaited<ReturnType<typeof startService>>;
  let client: mongo.MongoClient;
  const all = Array.from({ length: 8 }, (_, n) => `tenant-${String(n)}`);
  let next = 0;
  const freshTenant = () => all[next++] ?? 'none';
  const day = 86_400_000;

  beforeAll(async () => {
    service = await startService(all);
    client = new mongoose.mongo.MongoClient(service.databaseUrl);
    await eventually(async () => {
      expect((await service.call('tenant-0', '/v1/messages')).status).toBe(200);
    });
  });
  afterAll(async () => {
    await client.close();
    await service.close();
  });

  /** Rows by day, found as the verifier finds them. */
  async function rowsOf(tenant: string): Promise<number[]> {
    const collections = await client.db().collections();
    const days = collections
      .filter(({ collectionName }) => collectionName.startsWith('messages_'))
      .toSorted((a, b) => (a.collectionName < b.collectionName ? -1 : 1));
    return Promise.all(days.map((one) => one.countDocuments({ tenant })));
  }

  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

  async function publish(...events: ReturnType<typeof service.delivered>[]): Promise<void> {
    await service.publish({ v: 1, events });
  }

  const logged = (tenant: string, count: number) =>
    eventually(async () => expect(sum(await rowsOf(tenant))).toBe(count));

  test('its events are dropped and counted in a mixed batch, and its owner is nobody', async () => {
    const [going, staying] = [freshTenant(), freshTenant()];
    await publish(service.delivered(going), service.delivered(staying));
    await logged(going, 1);
    const late = [service.delivered(going), service.delivered(going)];
    const fence = await service.erasures.raise(going);
    expect(service.erasures.answers('fenced', fence)).toMatchObject([
      { service: 'logging', wire: { finished: 0, unknown: 0 } },
    ]);

    const refused = await service.call(going, '/v1/messages');
    expect(refused.status).toBe(401);
    expect(await service.call('nobody', '/v1/messages')).toEqual(refused);

    await publish(...late, service.delivered(staying));
    await service.erasures.mark(queue, fence);
    expect(await service.erasures.erased(fence, 1)).toEqual([[`queue.${queue}`, 2]]);
    await logged(staying, 2);
    await logged(going, 1);
    const answer = await service.call(staying, '/v1/messages');
    expect(answer.body.messages).toHaveLength(2);
  });

  test('a purge empties every day of it and nobody else, and says how much that was', async () => {
    const [going, staying] = [freshTenant(), freshTenant()];
    const now = Date.now();
    const statuses = ['delivered', 'bounced', 'held', 'expired'] as const;
    const events = Array.from({ length: 2_400 }, (_, n) => {
      const at = now - (n % 4) * day;
      const one = event({ at, tenant: n % 6 === 0 ? staying : going });
      return later(one, statuses[n % 7] ?? 'delivered');
    });
    for (let at = 0; at < events.length; at += 400) await publish(...events.slice(at, at + 400));
    await Promise.all([logged(going, 2_000), logged(staying, 400)]);
    const before = await rowsOf(staying);
    const late = service.delivered(going);

    const fence = await service.erasures.raise(going);
    await service.erasures.command('purge', fence);
    const erased = [
      ['logging.messages', 2_000],
      // The tenant and its owner's token.
      ['logging.identity', 2],
    ];
    expect(await service.erasures.erased(fence, 2)).toEqual(erased);
    expect(sum(await rowsOf(going))).toBe(0);
    expect(await rowsOf(staying)).toEqual(before);

    await service.erasures.command('purge', fence);
    expect(await service.erasures.erased(fence, 4)).toEqual([...erased, ...erased]);

    await publish(late);
    await service.erasures.mark(queue, fence);
    expect((await service.erasures.erased(fence, 5)).at(-1)).toEqual([`queue.${queue}`, 1]);
    expect(sum(await rowsOf(going))).toBe(0);
    const identity = await client
      .db()
      .collection('identity')
      .find({ _id: { $in: [`tenant:${going}`, `token:token-${going}`] as never[] } })
      .toArray();
    expect(identity).toEqual([
      { _id: `tenant:${going}`, version: 2, state: null },
      { _id: `token:token-${going}`, version: 2, state: null },
    ]);
  });

  test('rows are found by their tenant alone, whatever else is in them', async () => {
    const going = freshTenant();
    await publish(service.delivered(going));
    await logged(going, 1);
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '_');
    await client
      .db()
      .collection(`messages_${today}`)
      .insertOne({ _id: `${newMessageId(Date.now())}:0` as never, tenant: going, status: 'odd' });
    const fence = await service.erasures.raise(going);
    await service.erasures.command('purge', fence);
    expect((await service.erasures.erased(fence, 1))[0]).toEqual(['logging.messages', 2]);
    expect(sum(await rowsOf(going))).toBe(0);
  });
});
