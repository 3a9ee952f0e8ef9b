import { beforeEach, expect, test } from 'vitest';
import type { Session, Transaction } from '../src/courier/session.ts';
import { createPool, type NotDialled, type SitePool } from '../src/sites/pool.ts';
import { siteOf } from '../src/routing/site.ts';

const patience = 5_000;
const most = 20;
const site = siteOf([{ exchange: 'mx.a.test', priority: 10 }], 25);

let now: number;
let dials: number;
/** What the server does with the nth message of a connection. */
let server: (message: number) => Transaction;
/** Whether it answers a dial at all. */
let opens: () => Promise<void>;
let pool: SitePool;
/** Of the last dial. */
let givenUp: AbortSignal;

beforeEach(() => {
  now = 1_000_000;
  dials = 0;
  server = () => answered(250);
  opens = () => Promise.resolve();
  pool = createPool({
    site,
    dial: async (_site, signal) => {
      givenUp = signal;
      dials += 1;
      await opens();
      return connection();
    },
    describe: () => ({ text: 'No connection', enhancedCode: '4.4.1' }),
    clock: { now: () => now },
    connections: most,
    messagesPerConnection: 100,
    idleTime: 60_000,
    transactionTime: 60_000,
    dialTime: 1_000,
    patience,
  });
});

const answered = (...codes: number[]): Transaction => ({
  end: 'answered',
  replies: codes.map((code) => ({ code, text: `${String(code)} text` })),
});
const ended = (reply?: { code: number; text: string }): Transaction => ({
  end: 'broken',
  afterFinalDot: false,
  timedOut: false,
  reply,
  refused: [undefined],
});

function connection(): Session {
  let used = 0;
  let last: Transaction | undefined;
  let open = true;
  return {
    host: 'mx.a.test',
    tlsVersion: null,
    smtputf8: false,
    eightBit: false,
    get used() {
      return used;
    },
    get last() {
      return last;
    },
    isUsable: () => open,
    isBroken: () => last?.end === 'broken',
    transact() {
      used += 1;
      last = server(used);
      if (last.end === 'broken') open = false;
      return Promise.resolve(last);
    },
    close: () => void (open = false),
    break: () => void (open = false),
  };
}

const envelope = { reversePath: '', recipients: [], size: 0, smtputf8: false, eightBit: false };

const send = (tenant = 't1'): Promise<Transaction | NotDialled> =>
  pool.submit(tenant, (session) => session.transact(envelope, []));

const sendMany = (count: number) => Promise.all(Array.from({ length: count }, () => send()));

/** As long as nobody waits any more for what can happen without time passing. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

test('mail without a connection goes to the deferred queue after the patience, whatever the site holds', async () => {
  opens = () => new Promise(() => undefined);
  const one = send();
  await settled();
  now += patience - 1;
  pool.sweep(now);
  expect(pool.load).toBe(1);
  now += 1;
  pool.sweep(now);
  expect(await one).toEqual({ refusal: 'overflow' });
  expect(pool.load).toBe(0);
});

test('a site that let mail wait in vain holds few of the next ones, until one gets a connection soon', async () => {
  let open: () => void = () => undefined;
  opens = () => new Promise((resolve) => (open = resolve));
  const first = send();
  now += patience;
  pool.sweep(now);
  expect(await first).toEqual({ refusal: 'overflow' });
  const later = Array.from({ length: 50 }, () => send());
  const refused = await Promise.race([Promise.all(later.slice(5)), settled()]);
  expect(refused).toEqual(Array.from({ length: 45 }, () => ({ refusal: 'overflow' })));
  open();
  await Promise.all(later.slice(0, 5));
  const after = Array.from({ length: 50 }, () => send());
  await settled();
  expect((await Promise.all(after)).every((end) => 'end' in end)).toBe(true);
});

test('a tenant whose mail waits for a slow site takes not the place of another', async () => {
  opens = () => new Promise(() => undefined);
  const first = send();
  now += patience;
  pool.sweep(now);
  await first;
  const flood = Array.from({ length: 20 }, () => send('big'));
  await settled();
  expect(pool.load).toBe(5);
  const small = send('small');
  await settled();
  expect(pool.load).toBe(6);
  now += patience;
  pool.sweep(now);
  expect(await small).toEqual({ refusal: 'overflow' });
  await Promise.all(flood);
});

test('a dial has a deadline, and a session that comes too late is closed', async () => {
  let late: () => void = () => undefined;
  opens = () => new Promise((resolve) => (late = resolve));
  expect(await send()).toMatchObject({ refusal: 'site_down' });
  expect(givenUp.aborted).toBe(true);
  late();
  await settled();
  expect(pool.connections).toBe(0);
});

test('the tenants of a site take turns', async () => {
  let open: () => void = () => undefined;
  opens = () => new Promise((resolve) => (open = resolve));
  const order: string[] = [];
  const submit = (tenant: string) =>
    pool.submit(tenant, (session) => {
      order.push(tenant);
      return session.transact(envelope, []);
    });
  const all = ['big', 'big', 'big', 'big', 'small', 'other', 'other'].map(submit);
  open();
  await Promise.all(all);
  expect(order).toEqual(['big', 'small', 'other', 'big', 'other', 'big', 'big']);
});

test('421 after the greeting is heard once: the site is left alone, not dialled for every message', async () => {
  server = () => ended({ code: 421, text: '421 4.7.0 [TSS04] later' });
  const ends = await sendMany(100);
  expect(dials).toBeLessThanOrEqual(5);
  expect(ends.at(-1)).toMatchObject({
    refusal: 'site_down',
    reply: { text: '421 4.7.0 [TSS04] later', enhancedCode: '4.7.0' },
  });
  now += 29_000;
  await send();
  expect(dials).toBeLessThanOrEqual(5);
});

test('connections grow with what is taken, and shrink while everything is refused for now', async () => {
  await sendMany(400);
  const grown = pool.connections;
  expect(grown).toBeGreaterThan(5);
  server = () => answered(451);
  await sendMany(400);
  now += 60_000;
  pool.sweep(now);
  const before = dials;
  let open: () => void = () => undefined;
  opens = () => new Promise((resolve) => (open = resolve));
  const waiting = sendMany(50);
  await settled();
  expect(dials - before).toBe(1);
  opens = () => Promise.resolve();
  open();
  await waiting;
});

test.each([1, 10])(
  'a server that takes %d messages a connection is no failing one: it gets as many connections',
  async (limit) => {
    server = (message) => (message > limit ? ended() : answered(250));
    for (let round = 0; round < 5; round += 1) {
      await sendMany(100);
      now += 1_000;
    }
    const before = dials;
    const ends = await sendMany(100);
    // Now and then one message more is tried.
    const cut = ends.filter((end) => 'end' in end && end.end === 'broken').length;
    expect(cut).toBeLessThanOrEqual(100 / limit / 20 + 1);
    expect(dials - before).toBeLessThanOrEqual(100 / limit + most);
  },
);

test('a connection that breaks otherwise halves them', async () => {
  await sendMany(400);
  server = (message) => (message === 1 ? ({ ...ended(), timedOut: true } as Transaction) : ended());
  now += 60_000;
  pool.sweep(now);
  await sendMany(5);
  server = () => answered(250);
  let open: () => void = () => undefined;
  opens = () => new Promise((resolve) => (open = resolve));
  const before = dials;
  const waiting = sendMany(50);
  await settled();
  expect(dials - before).toBeLessThan(10);
  opens = () => Promise.resolve();
  open();
  await waiting;
});
