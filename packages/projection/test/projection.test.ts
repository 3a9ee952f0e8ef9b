import { routingKeys } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { domain, openBench, type Bench, type Identity } from './bench.ts';

let bench: Bench;
let identity: Identity;

beforeAll(async () => {
  bench = await openBench();
  ({ identity } = bench);
});

afterAll(() => bench[Symbol.asyncDispose]());

beforeEach(async () => {
  identity.pages = [];
  await identity.start();
});

test('events and a snapshot in pages meet by version', async () => {
  identity.pages = [[domain('a', 1, 'a1'), domain('b', 7, 'b7')], [], [domain('gone', 2, null)]];
  const projection = await bench.open('meet');
  try {
    await eventually(() => expect(projection.isWhole()).toBe(true));
    await identity.tell(domain('a', 3, 'a3'));
    await identity.tell(domain('a', 2, 'a2'));
    await identity.tell(domain('b', 6, 'b6'));
    await identity.tell(domain('gone', 1, 'late'));
    await identity.tell(domain('new', 1, 'new'));
    await eventually(() => expect(projection.get('domain', 'new')).toBeDefined());
    expect(projection.get('domain', 'a')?.name).toBe('a3');
    expect(projection.get('domain', 'b')?.name).toBe('b7');
    expect(projection.get('domain', 'gone')).toBeUndefined();
  } finally {
    await projection.close();
  }
  const documents = (await bench.stored('meet')).map(
    ({ _id, version, state }) => [_id, [version, state === null ? null : state?.name]] as const,
  );
  expect(new Map(documents)).toEqual(
    new Map([
      ['domain:a', [3, 'a3']],
      ['domain:b', [7, 'b7']],
      ['domain:gone', [2, null]],
      ['domain:new', [1, 'new']],
      ['snapshot', [undefined, undefined]],
    ]),
  );
});

test('a restart while identity is down: what was known is there, and old news changes nothing', async () => {
  identity.pages = [[domain('a', 2, 'a2')]];
  const before = await bench.open('restart');
  await eventually(() => expect(before.isWhole()).toBe(true));
  await identity.tell(domain('b', 4, null));
  await identity.tell(domain('c', 1, 'c1'));
  await eventually(() => expect(before.get('domain', 'c')).toBeDefined());
  await before.close();

  await identity.stop();
  const after = await bench.open('restart');
  try {
    expect(after.isWhole()).toBe(true);
    expect([...after.all('domain')].map(([id]) => id).sort()).toEqual(['a', 'c']);
    await eventually(async () => {
      await identity.tell(domain('b', 3, 'back from the dead'));
      await identity.tell(domain('d', 1, 'd1'));
      expect(after.get('domain', 'd')).toBeDefined();
    });
    expect(after.get('domain', 'b')).toBeUndefined();
  } finally {
    await after.close();
  }
});

test('while identity has never answered it is not whole, and becomes so as soon as it does', async () => {
  await identity.stop();
  identity.pages = [[domain('a', 1, 'a1')]];
  const projection = await bench.open('never');
  try {
    await eventually(async () => {
      await identity.tell(domain('b', 1, 'b1'));
      expect(projection.get('domain', 'b')).toBeDefined();
    });
    expect(projection.isWhole()).toBe(false);
    await identity.start();
    await eventually(() => expect(projection.isWhole()).toBe(true));
    expect(projection.get('domain', 'a')).toBeDefined();
  } finally {
    await projection.close();
  }
});

test('what was told while the connection was broken is learned from a new snapshot', async () => {
  identity.pages = [[domain('a', 1, 'a1')]];
  const projection = await bench.open('broken');
  try {
    await eventually(() => expect(projection.isWhole()).toBe(true));
    // As if the event had been published while the queue of this process was away.
    identity.pages = [[domain('a', 2, null)]];
    const taken = identity.snapshotsTaken;
    // Once: a connection takes longer to come back than a loop takes to cut it again.
    await bench.broker.cutConnections();
    await eventually(() => expect(identity.snapshotsTaken).toBeGreaterThan(taken));
    await eventually(() => expect(projection.get('domain', 'a')).toBeUndefined());
  } finally {
    await projection.close();
  }
});

test('processes of one service share the collection, and the newest version stays', async () => {
  identity.pages = [[]];
  const taken = identity.snapshotsTaken;
  const processes = await Promise.all([
    bench.open('shared'),
    bench.open('shared'),
    bench.open('shared'),
  ]);
  // One may be whole by what another has stored. Each takes its snapshot once its queue is bound, and
  // what is told after that reaches it.
  await eventually(() => expect(identity.snapshotsTaken).toBe(taken + 3));
  await eventually(() => expect(processes.every((open) => open.isWhole())).toBe(true));
  const ids = Array.from({ length: 40 }, (_, n) => `d${String(n)}`);
  await Promise.all(
    ids.flatMap((id) =>
      [3, 1, 2].map((version) => identity.tell(domain(id, version, `v${String(version)}`))),
    ),
  );
  await eventually(() => {
    for (const projection of processes) {
      for (const id of ids) expect(projection.get('domain', id)?.name).toBe('v3');
    }
  });
  await Promise.all(processes.map((projection) => projection.close()));
  const documents = (await bench.stored('shared')).filter(({ _id }) => _id !== 'snapshot');
  expect(documents.map(({ version }) => version)).toEqual(ids.map(() => 3));
});

test('a change that cannot be read is not lost: a snapshot is asked for', async () => {
  identity.pages = [[]];
  const projection = await bench.open('unreadable');
  try {
    await eventually(() => expect(projection.isWhole()).toBe(true));
    identity.pages = [[domain('a', 1, 'a1')]];
    await bench.broker.say('identity', {
      key: routingKeys.identityChanged('domain'),
      content: Buffer.from(JSON.stringify({ v: 2, entity: 'domain', id: 'a' })),
    });
    await eventually(() => expect(projection.get('domain', 'a')).toBeDefined());
  } finally {
    await projection.close();
  }
});
