import { setTimeout as sleep } from 'node:timers/promises';
import { registry } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Purge } from '../src/index.ts';
import {
  commitment,
  erasure,
  now,
  openBench,
  progressEvery,
  service,
  stores,
  tenant,
  type Bench,
} from './participating.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

const receiptsGiven = (count: number) =>
  eventually(async () => expect(await bench.receipts()).toHaveLength(count));

const sign = { v: 1, kind: 'working', erasure, service };

const ground = registry.collections.find(({ id }) => id === 'logging.identityProjection')?.subject
  ?.ground;

test('a purge empties every store of the tenant and gives a signed receipt for each', async () => {
  for (const [at, store] of stores.entries()) await bench.fill(store, 3 + at);
  await bench.join(bench.purges());
  await bench.command('purge');
  await receiptsGiven(2);
  const common = {
    requestId: erasure,
    subject: { kind: 'tenant', commitment },
    service,
    registryVersion: registry.version,
    at: '2026-11-24T12:00:00.000Z',
  };
  expect(await bench.receipts()).toEqual([
    {
      ...common,
      store: 'logging.identityProjection',
      matched: 3,
      matchedBy: 'search',
      deleted: 3,
      retained: [
        { category: 'logging.identityProjection: _id, version, deleted', ground, until: null },
      ],
    },
    {
      ...common,
      store: 'logging.messages',
      matched: 4,
      matchedBy: 'search',
      deleted: 4,
      retained: [],
    },
  ]);
  for (const store of stores) {
    expect(await bench.tenantsIn(store)).toEqual(['another']);
  }
  // A receipt contains the request and never the tenant.
  for (const receipt of await bench.receipts())
    expect(JSON.stringify(receipt)).not.toContain(tenant);
});

test('the counts are in the database, by erasure and store', async () => {
  await bench.fill('logging.messages', 3);
  await bench.join(bench.purges());
  await bench.command('purge');
  await receiptsGiven(2);
  const at = new Date(now);
  expect(
    await bench.database
      .collection<{ _id: string }>('deletionCounts')
      .find({ _id: { $in: stores.map((store) => `${erasure} ${store}`) } })
      .sort({ _id: 1 })
      .toArray(),
  ).toEqual([
    { _id: `${erasure} logging.identityProjection`, matched: 0, count: 0, at },
    { _id: `${erasure} logging.messages`, matched: 3, count: 3, at },
  ]);
});

test('an interrupted purge is repeated, and the count includes both runs', async () => {
  await bench.fill('logging.messages', 5);
  let batches = 0;
  await bench.join(bench.purges(() => (batches += 1) === 2));
  await bench.command('purge');
  const receipts = await eventually(async () => {
    const all = await bench.receipts();
    expect(all.at(-1)?.store).toBe('logging.messages');
    return all;
  });
  expect(receipts.at(-1)).toMatchObject({ matched: 5, deleted: 5 });
  expect(batches).toBeGreaterThan(3);
});

test('a purge that one process started and another completes has one count', async () => {
  await bench.fill('logging.messages', 5);
  let batches = 0;
  const first = await bench.join(bench.purges(() => (batches += 1) > 1));
  await bench.command('purge');
  await eventually(() => expect(batches).toBeGreaterThan(1));
  await first.leave();
  await bench.join(bench.purges());
  await eventually(async () =>
    expect((await bench.receipts()).at(-1)).toMatchObject({
      store: 'logging.messages',
      deleted: 5,
    }),
  );
});

test('records that a process removed just before it requeued a purge are counted once', async () => {
  await bench.fill('logging.messages', 5);
  const purges = bench.purges();
  const isBegun = Promise.withResolvers<void>();
  const isAnotherThere = Promise.withResolvers<void>();
  const messages: Purge<'tenant'> = async (_fence, count) => {
    isBegun.resolve();
    await isAnotherThere.promise;
    await bench.things('logging.messages').deleteOne({ tenant });
    await count(1);
    void first.leave();
    throw new Error('the database went away');
  };
  const first = await bench.join({ ...purges, 'logging.messages': messages });
  await bench.command('purge');
  await isBegun.promise;
  await bench.join(purges);
  isAnotherThere.resolve();
  await eventually(async () =>
    expect((await bench.receipts()).at(-1)).toMatchObject({
      store: 'logging.messages',
      matched: 5,
      deleted: 5,
    }),
  );
});

test('records that are removed in another way during the purge are on the receipt: they were found before', async () => {
  await bench.fill('logging.identityProjection', 5);
  const purges = bench.purges();
  const identity: Purge<'tenant'> = async (fence, count) => {
    // A projection receives a deletion by event and removes the entity.
    for (let gone = 0; gone < 2; gone += 1) {
      await bench.things('logging.identityProjection').deleteOne({ 'state.tenant': tenant });
    }
    await purges['logging.identityProjection'](fence, count, {});
  };
  await bench.join({ ...purges, 'logging.identityProjection': identity });
  await bench.command('purge');
  await receiptsGiven(2);
  const [receipt] = await bench.receipts();
  expect(receipt).toMatchObject({ store: 'logging.identityProjection', matched: 5, deleted: 5 });
});

test('records that were removed but not counted, as by a crashed process, are on the receipt', async () => {
  await bench.fill('logging.messages', 5);
  const purges = bench.purges();
  let tries = 0;
  const messages: Purge<'tenant'> = async (fence, count) => {
    tries += 1;
    if (tries > 1) return purges['logging.messages'](fence, count, {});
    await bench.things('logging.messages').deleteOne({ tenant });
    throw new Error('killed');
  };
  await bench.join({ ...purges, 'logging.messages': messages });
  await bench.command('purge');
  await eventually(async () =>
    expect((await bench.receipts()).at(-1)).toMatchObject({
      store: 'logging.messages',
      matched: 5,
      deleted: 5,
    }),
  );
});

test('a purge that leaves records gives no receipt until it leaves none', async () => {
  await bench.fill('logging.messages', 3);
  const purges = bench.purges();
  let tries = 0;
  const messages: Purge<'tenant'> = async (fence, count) => {
    tries += 1;
    if (tries > 1) await purges['logging.messages'](fence, count, {});
  };
  await bench.join({ ...purges, 'logging.messages': messages });
  await bench.command('purge');
  const receipts = await eventually(async () => {
    const all = await bench.receipts();
    expect(all.at(-1)?.store).toBe('logging.messages');
    return all;
  });
  expect(tries).toBe(2);
  expect(receipts.filter(({ store }) => store === 'logging.messages')).toMatchObject([
    { matched: 3, deleted: 3 },
  ]);
});

test('a repeated command results in the same receipts', async () => {
  await bench.fill('logging.messages', 3);
  await bench.join(bench.purges());
  await bench.command('purge');
  await receiptsGiven(2);
  await bench.command('purge');
  await receiptsGiven(4);
  const all = await bench.receipts();
  expect(all.slice(2)).toEqual(all.slice(0, 2));
});

test('a command that arrives again during its execution is not executed concurrently', async () => {
  let begun = 0;
  const release = Promise.withResolvers<void>();
  const identity: Purge<'tenant'> = async () => {
    begun += 1;
    await release.promise;
  };
  await bench.join({ ...bench.purges(), 'logging.identityProjection': identity });
  // More often than commands are held at once: later commands are not delayed.
  for (let times = 0; times < 6; times += 1) await bench.command('purge');
  await bench.command('plant');
  await eventually(() => expect(bench.answers).toMatchObject([{ kind: 'planted' }]));
  // The commands are held at once, so the later one may have its answer before a purge begins.
  await eventually(() => expect(begun).toBe(1));
  release.resolve();
  await eventually(() => expect(bench.answers).toHaveLength(3));
  // Afterwards the command is executed again.
  await bench.command('purge');
  await eventually(() => expect(bench.answers).toHaveLength(5));
  expect(begun).toBe(2);
});

test('a purge reports its progress, at once and then periodically', async () => {
  const minute = 60_000;
  const steps = [0, 0, progressEvery - 1, 1, 1, progressEvery - 1];
  const [begin, goOn, release] = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const identity: Purge<'tenant'> = async (_fence, count) => {
    await begin?.promise;
    for (const step of steps) {
      bench.now += step;
      await count(1);
    }
    await goOn?.promise;
    // Nothing more is removed, so nothing is reported.
    bench.now += minute;
    await count(0);
    await release?.promise;
  };
  await bench.join({ ...bench.purges(), 'logging.identityProjection': identity });
  await bench.command('purge');
  await sleep(300);
  expect(bench.answers).toEqual([]);
  begin?.resolve();
  await eventually(() => expect(bench.answers).toEqual([sign, sign, sign]));
  goOn?.resolve();
  await sleep(300);
  expect(bench.answers).toHaveLength(3);
  release?.resolve();
  await receiptsGiven(2);
  expect(bench.answers).toHaveLength(5);
});

test('a purge that finds nothing gives its receipts and reports no progress', async () => {
  await bench.join(bench.purges());
  await bench.command('purge');
  await receiptsGiven(2);
  expect(bench.answers).toHaveLength(2);
});
