import { expect, test } from 'vitest';
import { mongoDbWays } from '../src/servers/mongodb/ways.ts';
import { rabbitMqWays } from '../src/servers/rabbitmq/ways.ts';
import {
  firstWay,
  UnavailableError,
  type ServerPlace,
  type ServerPlan,
  type Way,
} from '../src/servers/way.ts';

const place: ServerPlace = {
  dataDir: '/somewhere/mongodb',
  logDir: '/somewhere/log',
  port: () => 1,
  adminPassword: 'secret',
  progress: () => undefined,
  step: (_, work) => work(),
  signal: new AbortController().signal,
};
const plan: ServerPlan = { product: 'P', programs: [], adminUrl: 'mongodb://x', dataDir: null };
const absent = (name: string, kind: Way['kind']): Way => ({
  name,
  kind,
  find: async () => ({ reason: `${name} is not here` }),
});
const present = (kind: Way['kind'], product: string): Way => ({
  name: product,
  kind,
  find: async () => ({ ...plan, product }),
});

test('the order of docs/design.md, "Running it"', () => {
  expect(rabbitMqWays.map(({ kind }) => kind)).toEqual([
    'given',
    'rabbitmq',
    'rabbitmq',
    'rabbitmq in docker',
  ]);
  const real = ['given', 'mongod', 'mongod'];
  const order = (preferred: string) =>
    mongoDbWays(preferred).map(
      ({ kind, isSlow = false }) => `${kind}${isSlow ? ', built now' : ''}`,
    );
  expect(order('')).toEqual([...real, 'stand-in', 'stand-in wheel', 'stand-in, built now']);
  expect(order('built')).toEqual([...real, 'stand-in', 'stand-in, built now', 'stand-in wheel']);
  expect(order('wheel')).toEqual([...real, 'stand-in wheel', 'stand-in', 'stand-in, built now']);
  expect(() => mongoDbWays('other')).toThrow(/STAND_IN: other/);
});

test('before a slow way the start explains why nothing else is available', async () => {
  const said: string[] = [];
  const slow: Way = { ...present('stand-in', 'the build'), isSlow: true };
  await firstWay('MongoDB', [absent('the wheel', 'stand-in wheel'), slow], {
    ...place,
    progress: (line) => void said.push(line),
  });
  expect(said[0]).toBe(
    'MongoDB: the build, because nothing else is available:\n  - the wheel: the wheel is not here',
  );
});

test('data of one stand-in is not opened with the other', async () => {
  const ways = [present('stand-in', 'built'), present('stand-in wheel', 'wheel')];
  const found = await firstWay('MongoDB', ways, place, 'stand-in wheel');
  expect(found).toMatchObject({ kind: 'stand-in wheel', plan: { product: 'wheel' } });
});

test('the first available way is taken, and reported', async () => {
  const said: string[] = [];
  const found = await firstWay(
    'MongoDB',
    [absent('one', 'given'), present('mongod', 'two'), present('stand-in', 'three')],
    { ...place, progress: (line) => void said.push(line) },
  );
  expect(found).toMatchObject({ kind: 'mongod', plan: { product: 'two' } });
  expect(said).toEqual(['MongoDB: two (two)']);
});

test('if nothing is available, each way has a reason', async () => {
  const ways = [absent('one', 'given'), absent('two', 'stand-in')];
  await expect(firstWay('MongoDB', ways, place)).rejects.toThrow(
    /Provide one of these:\n {2}- one: one is not here\n {2}- two: two is not here/,
  );
});

test('data belongs to the kind of server that created it', async () => {
  const ways = [present('mongod', 'installed since'), present('stand-in', 'the same')];
  const found = await firstWay('MongoDB', ways, place, 'stand-in');
  expect(found.plan.product).toBe('the same');
  await expect(
    firstWay('MongoDB', [present('mongod', 'other')], place, 'stand-in'),
  ).rejects.toThrow(/begin again with --fresh/);
});

test('a named server is not silently replaced by one that has the data', async () => {
  const named: Way = { ...present('given', 'MONGODB_URL'), isNamed: () => true };
  await expect(
    firstWay('MongoDB', [named, present('stand-in', 'the data')], place, 'stand-in'),
  ).rejects.toThrow(UnavailableError);
});

test('the search ends if the start was cancelled', async () => {
  const signal = AbortSignal.abort(new Error('given up'));
  await expect(
    firstWay('MongoDB', [present('mongod', 'two')], { ...place, signal }),
  ).rejects.toThrow('given up');
});
