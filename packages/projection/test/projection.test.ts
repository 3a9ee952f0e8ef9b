import { routingKeys, type IdentityChange } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { domain, openBench, type Bench, type Identity } from './bench.ts';

/** A domain as stored. */
const stateOf = ({ state }: IdentityChange) => state as { readonly name: string };

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

test('events and a snapshot in pages are combined by version', async () => {
  identity.pages = [[domain('a', 1, 'a1'), domain('b', 7, 'b7')], [], [domain('gone', 2, null)]];
  const projection = await bench.open('meet');
  try {
    await eventually(() => expect(projection.isReady()).toBe(true));
    await identity.publish(domain('a', 3, 'a3'));
    await identity.publish(domain('a', 2, 'a2'));
    await identity.publish(domain('b', 6, 'b6'));
    await identity.publish(domain('gone', 1, 'late'));
    await identity.publish(domain('new', 1, 'new'));
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

test('a restart while identity is down: the last state is there, and older changes have no effect', async () => {
  identity.pages = [[domain('a', 2, 'a2')]];
  const before = await bench.open('restart');
  await eventually(() => expect(before.isReady()).toBe(true));
  await identity.publish(domain('b', 4, null));
  await identity.publish(domain('c', 1, 'c1'));
  await eventually(() => expect(before.get('domain', 'c')).toBeDefined());
  await before.close();

  await identity.stop();
  const after = await bench.open('restart');
  try {
    expect(after.isReady()).toBe(true);
    expect([...after.all('domain')].map(([id]) => id).sort()).toEqual(['a', 'c']);
    await eventually(async () => {
      await identity.publish(domain('b', 3, 'back from the dead'));
      await identity.publish(domain('d', 1, 'd1'));
      expect(after.get('domain', 'd')).toBeDefined();
    });
    expect(after.get('domain', 'b')).toBeUndefined();
  } finally {
    await after.close();
  }
});

test('a projection is not ready until identity answers for the first time', async () => {
  await identity.stop();
  identity.pages = [[domain('a', 1, 'a1')]];
  const projection = await bench.open('never');
  try {
    await eventually(async () => {
      await identity.publish(domain('b', 1, 'b1'));
      expect(projection.get('domain', 'b')).toBeDefined();
    });
    expect(projection.isReady()).toBe(false);
    await identity.start();
    await eventually(() => expect(projection.isReady()).toBe(true));
    expect(projection.get('domain', 'a')).toBeDefined();
  } finally {
    await projection.close();
  }
});

test('changes during a disconnection come with a new snapshot', async () => {
  identity.pages = [[domain('a', 1, 'a1')]];
  const projection = await bench.open('broken');
  try {
    await eventually(() => expect(projection.isReady()).toBe(true));
    // The event was published while the queue of this process did not exist.
    identity.pages = [[domain('a', 2, null)]];
    const taken = identity.snapshotsTaken;
    // Only once: a connection needs more time to come back than a loop to cut it again.
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
  // One may be ready because of the stored data of another. Each takes its snapshot once its queue is
  // bound, and later events reach it.
  await eventually(() => expect(identity.snapshotsTaken).toBe(taken + 3));
  await eventually(() => expect(processes.every((open) => open.isReady())).toBe(true));
  const ids = Array.from({ length: 40 }, (_, n) => `d${String(n)}`);
  await Promise.all(
    ids.flatMap((id) =>
      [3, 1, 2].map((version) => identity.publish(domain(id, version, `v${String(version)}`))),
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

test('a change that cannot be read is not lost: a snapshot is requested', async () => {
  identity.pages = [[]];
  const projection = await bench.open('unreadable');
  try {
    await eventually(() => expect(projection.isReady()).toBe(true));
    identity.pages = [[domain('a', 1, 'a1')]];
    await identity.publish({ v: 2, entity: 'domain', id: 'a' });
    await eventually(() => expect(projection.get('domain', 'a')).toBeDefined());
  } finally {
    await projection.close();
  }
});

test('a newer identity: added fields are left out, and an unreadable change does not block the others', async () => {
  const added = { ...domain('a', 2, 'a2'), since: 1 };
  const state = { ...domain('b', 1, 'b1').state, region: { name: 'eu' }, signing: 'both' };
  const unreadable = { ...domain('c', 2, null), state: { tenant: 't1', form: 'of tomorrow' } };
  identity.pages = [[domain('a', 1, 'a1'), domain('c', 1, 'c1'), domain('d', 1, 'd1')]];
  const projection = await bench.open('newer-identity');
  try {
    await eventually(() => expect(projection.get('domain', 'c')?.name).toBe('c1'));
    identity.pages = [
      [added, { ...domain('b', 1, 'b1'), state }],
      [unreadable, domain('d', 2, 'd2')],
    ];
    // An event with an unreadable change causes a snapshot.
    await identity.publish(added);
    await identity.publish(unreadable);
    await eventually(() => expect(projection.get('domain', 'd')?.name).toBe('d2'));
    expect(projection.isReady()).toBe(true);
    expect(projection.get('domain', 'a')).toEqual(domain('a', 2, 'a2').state);
    expect(projection.get('domain', 'b')).toEqual(domain('b', 1, 'b1').state);
    expect(projection.get('domain', 'c')).toBeUndefined();
    expect(projection.isRemoved('domain', 'c')).toBe(false);
  } finally {
    await projection.close();
  }
  const stored = (await bench.stored('newer-identity')).filter(({ _id }) => _id !== 'snapshot');
  expect(Object.fromEntries(stored.map(({ _id, state: kept }) => [_id, kept]))).toEqual({
    'domain:a': domain('a', 2, 'a2').state,
    'domain:b': domain('b', 1, 'b1').state,
    // Left unchanged, because a process of a newer release may have written it.
    'domain:c': domain('c', 1, 'c1').state,
    'domain:d': domain('d', 2, 'd2').state,
  });
});

test("changes without identity's signature are refused: a forged credential, a tombstone, a change signed by another service", async () => {
  identity.pages = [[domain('a', 1, 'a1')]];
  const projection = await bench.open('forged');
  try {
    await eventually(() => expect(projection.isReady()).toBe(true));
    const forged = domain('a', 9, null);
    const ingress = await bench.keys.as('ingress');
    for (const content of [
      Buffer.from(JSON.stringify(forged)),
      await ingress.sign('identityChange', forged),
    ]) {
      await bench.broker.say('identity', { key: routingKeys.identityChanged('domain'), content });
    }
    // Later messages have arrived, so these have as well.
    await identity.publish(domain('b', 1, 'b1'));
    await eventually(() => expect(projection.get('domain', 'b')).toBeDefined());
    expect(projection.get('domain', 'a')?.name).toBe('a1');
  } finally {
    await projection.close();
  }
});

test('a captured and replayed change restores nothing', async () => {
  identity.pages = [[]];
  const projection = await bench.open('replayed');
  try {
    await eventually(() => expect(projection.isReady()).toBe(true));
    const captured = await (
      await bench.keys.as('identity')
    ).sign('identityChange', domain('a', 1, 'a1'));
    const key = routingKeys.identityChanged('domain');
    await bench.broker.say('identity', { key, content: captured });
    await identity.publish(domain('a', 2, null));
    await eventually(() => expect(projection.isRemoved('domain', 'a')).toBe(true));
    await bench.broker.say('identity', { key, content: captured });
    await identity.publish(domain('b', 1, 'b1'));
    await eventually(() => expect(projection.get('domain', 'b')).toBeDefined());
    expect(projection.get('domain', 'a')).toBeUndefined();
  } finally {
    await projection.close();
  }
});

test('a complete snapshot corrects forged state, in memory and in the database', async () => {
  identity.pages = [[domain('a', 3, 'a3')]];
  const before = await bench.open('overruled');
  await eventually(() => expect(before.isReady()).toBe(true));
  await before.close();
  // Written as by a process that accepted a forgery.
  const forged = [
    { _id: 'domain:a', version: 9, state: null },
    { _id: 'domain:made-up', version: 1, state: stateOf(domain('made-up', 1, 'made up')) },
    { _id: 'domain:grave', version: 1, state: null },
  ];
  await bench.store('overruled', forged);
  identity.pages = [[domain('a', 3, 'a3')], [domain('b', 1, 'b1')]];
  const after = await bench.open('overruled');
  try {
    await eventually(() => expect(after.get('domain', 'b')).toBeDefined());
    expect([...after.all('domain')].map(([id]) => id).sort()).toEqual(['a', 'b']);
    expect(after.isRemoved('domain', 'grave')).toBe(false);
  } finally {
    await after.close();
  }
  const left = (await bench.stored('overruled')).map(({ _id, version }) => [_id, version]);
  expect(new Map(left as [string, number][])).toEqual(
    new Map<string, number | undefined>([
      ['domain:a', 3],
      ['domain:b', 1],
      ['snapshot', undefined],
    ]),
  );
});

test('an entity that an erasure has deleted stays deleted, although identity still has it', async () => {
  identity.pages = [[domain('a', 3, 'a3')]];
  const before = await bench.open('deleted');
  await eventually(() => expect(before.isReady()).toBe(true));
  expect(await before.forget('t1')).toBe(1);
  await before.close();
  identity.pages = [[domain('a', 3, 'a3')], [domain('b', 1, 'b1')]];
  const after = await bench.open('deleted');
  try {
    await eventually(() => expect(after.get('domain', 'b')).toBeDefined());
    expect(after.get('domain', 'a')).toBeUndefined();
  } finally {
    await after.close();
  }
  const tombstone = async () =>
    (await bench.stored('deleted')).find(({ _id }) => _id === 'domain:a');
  expect(await tombstone()).toEqual({ _id: 'domain:a', version: 4, state: null, deleted: true });

  identity.pages = [[domain('a', 4, null)]];
  const last = await bench.open('deleted');
  try {
    await eventually(async () =>
      expect(await tombstone()).toEqual({ _id: 'domain:a', version: 4, state: null }),
    );
  } finally {
    await last.close();
  }
});
