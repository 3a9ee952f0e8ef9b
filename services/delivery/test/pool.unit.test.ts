import type {
  Failure,
  NextMessage,
  RecipientResult,
  Session,
  SessionEnd,
} from '@mysmtp/smtp-client';
import { beforeEach, expect, test } from 'vitest';
import type { Connection } from '../src/dial/dial.ts';
import { createPool, type NotDialled, type SitePool, type Used } from '../src/sites/pool.ts';
import { siteOf } from '../src/routing/site.ts';
import { endingOf } from '../src/sites/capacity.ts';

const patience = 5_000;
const most = 20;
const site = siteOf([{ exchange: 'mx.a.test', priority: 10 }], 25);

let now: number;
let dials: number;
/** The server's behaviour for the nth message of a connection. */
let server: (message: number) => Answer;
/** Whether a session begins the next message before the reply to the current one. */
let follows: boolean;
/** Whether the server answers a dial. */
let opens: () => Promise<void>;
let pool: SitePool;
/** Of the last dial. */
let givenUp: AbortSignal;

beforeEach(() => {
  now = 1_000_000;
  dials = 0;
  server = () => answered(250);
  opens = () => Promise.resolve();
  follows = false;
  pool = createPool({
    site,
    dial: async (_site, signal) => {
      givenUp = signal;
      dials += 1;
      await opens();
      return connection();
    },
    clock: { now: () => now },
    connections: most,
    messagesPerConnection: 100,
    idleTime: 60_000,
    transactionTime: 60_000,
    dialTime: 1_000,
    patience,
  });
});

/** The server's behaviour for a message; `failure`: it ends the connection. */
interface Answer {
  readonly code?: number;
  readonly failure?: Failure;
}

const answered = (code: number): Answer => ({ code });
const ended = (reason: Failure['reason'] = 'closed', text = 'closed'): Answer => ({
  failure: {
    stage: reason === 'timeout' ? 'data' : 'mail',
    reason,
    code: reason === 'closing' ? 421 : null,
    enhancedCode: reason === 'closing' ? '4.7.0' : '4.4.2',
    text,
    permanent: false,
  },
});

/** Fakes a session of the SMTP client. The client's own tests cover how a session ends. */
function connection(): Connection {
  let transactions = 0;
  let end: SessionEnd | undefined;
  const session: Pick<Session, 'isUsable' | 'end' | 'send' | 'close' | 'break'> & {
    transactions: number;
  } = {
    transactions,
    isUsable: () => end === undefined,
    end: () => end,
    send(_envelope, _content, { next } = {}) {
      transactions += 1;
      session.transactions = transactions;
      const { code = 0, failure } = server(transactions);
      if (follows && next?.isWaiting() === true) next.begin();
      if (failure !== undefined) {
        const isStale = failure.stage === 'mail' && transactions > 1;
        end = { how: isStale ? 'stale' : 'failed', failure };
        const outcome = isStale ? 'unsent' : 'refused';
        return Promise.resolve({ recipients: [{ outcome, failure }] });
      }
      return Promise.resolve({ recipients: [resultOf(code)] });
    },
    close() {
      end ??= { how: 'closed' };
      return Promise.resolve();
    },
    break: () => void (end ??= { how: 'closed' }),
  };
  return { host: 'mx.a.test', session: session as unknown as Session };
}

function resultOf(code: number): RecipientResult {
  const text = `${String(code)} text`;
  if (code < 400) return { outcome: 'accepted', code, enhancedCode: null, text };
  const permanent = code >= 500;
  const failure: Failure = {
    stage: 'rcpt',
    reason: 'refused',
    code,
    enhancedCode: null,
    text,
    permanent,
  };
  return { outcome: 'refused', failure };
}

const envelope = { reversePath: '', recipients: [], size: 0, smtpUtf8: false, eightBit: false };

const transact = async ({ session }: Connection, next: NextMessage): Promise<Used> => ({
  results: (await session.send(envelope, Buffer.alloc(0), { next })).recipients,
});

const send = (tenant = 't1', givenUp?: AbortSignal): Promise<Used | NotDialled> =>
  pool.submit({ tenant, givenUp }, transact);

const overflow = { refusal: 'overflow', retryAt: expect.any(Number) as number };

const sendMany = (count: number) => Promise.all(Array.from({ length: count }, () => send()));

/** Until everything is done that needs no time to pass. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

test('mail without a connection is deferred after the patience, for any number of open connections', async () => {
  opens = () => new Promise(() => undefined);
  const one = send();
  await settled();
  now += patience - 1;
  pool.sweep(now);
  expect(pool.load).toBe(1);
  now += 1;
  pool.sweep(now);
  expect(await one).toEqual(overflow);
  expect(pool.load).toBe(0);
});

test('after mail waited in vain for a site its queue is short, until a message gets a connection soon', async () => {
  let open: () => void = () => undefined;
  opens = () => new Promise((resolve) => (open = resolve));
  const first = send();
  now += patience;
  pool.sweep(now);
  expect(await first).toEqual(overflow);
  const later = Array.from({ length: 50 }, () => send());
  const refused = await Promise.race([Promise.all(later.slice(5)), settled()]);
  expect(refused).toEqual(Array.from({ length: 45 }, () => overflow));
  open();
  await Promise.all(later.slice(0, 5));
  const after = Array.from({ length: 50 }, () => send());
  await settled();
  expect((await Promise.all(after)).every((end) => 'results' in end)).toBe(true);
});

test('a tenant whose mail waits for a slow site does not block another tenant', async () => {
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
  expect(await small).toEqual(overflow);
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
    pool.submit({ tenant }, (...on) => {
      order.push(tenant);
      return transact(...on);
    });
  const all = ['big', 'big', 'big', 'big', 'small', 'other', 'other'].map(submit);
  open();
  await Promise.all(all);
  expect(order).toEqual(['big', 'small', 'other', 'big', 'other', 'big', 'big']);
});

test('waiting mail follows the current message over its connection, up to the number that the site accepts', async () => {
  let open: () => void = () => undefined;
  opens = () => new Promise((resolve) => (open = resolve));
  follows = true;
  let most = 0;
  const all = Array.from({ length: 150 }, () =>
    pool.submit({ tenant: 't1' }, async (...on) => {
      const sent = transact(...on);
      most = Math.max(most, pool.connections);
      return sent;
    }),
  );
  await settled();
  opens = () => Promise.resolve();
  open();
  const results = await Promise.all(all);
  expect(results.every((one) => 'results' in one && one.results[0]?.outcome === 'accepted')).toBe(
    true,
  );
  expect(dials).toBeGreaterThanOrEqual(2);
  expect(most).toBeLessThanOrEqual(dials);
  expect(pool.load).toBe(0);
});

test('of two messages on a connection that broke, only the one on the wire counts', () => {
  const { failure } = ended('timeout', 'no reply');
  const session = {
    transactions: 8,
    end: () => ({ how: 'failed', failure }),
  } as unknown as Session;
  const use = { session, before: 6, after: 7, isFollowed: true } as const;
  const onWire: RecipientResult = { outcome: 'unknown', failure: failure as Failure };
  expect(endingOf({ ...use, results: [onWire] })).toEqual({ kind: 'broken' });
  const untried = { ...failure, reason: 'used_up' } as Failure;
  const results: RecipientResult[] = [{ outcome: 'unsent', failure: untried }];
  expect(endingOf({ ...use, before: 7, after: 8, isFollowed: false, results })).toBeUndefined();
});

test('a message that was accepted counts as such if the next one finds the connection closed', () => {
  const { failure } = ended();
  const session = { transactions: 8, end: () => ({ how: 'stale', failure }) } as unknown as Session;
  const use = { session, before: 6, after: 7, isFollowed: true, results: [resultOf(250)] } as const;
  expect(endingOf(use)).toEqual({ kind: 'taken' });
  const unsent: RecipientResult = { outcome: 'unsent', failure: failure as Failure };
  const next = { session, before: 7, after: 8, isFollowed: false, results: [unsent] } as const;
  expect(endingOf(next)).toEqual({ kind: 'worn', messages: 7 });
});

test('421 after the greeting counts once: the site is paused, not dialled for every message', async () => {
  server = () => ended('closing', '421 4.7.0 [TSS04] later');
  const ends = await sendMany(100);
  expect(dials).toBeLessThanOrEqual(5);
  expect(ends.at(-1)).toMatchObject({
    refusal: 'site_down',
    failure: { text: '421 4.7.0 [TSS04] later', enhancedCode: '4.7.0' },
  });
  now += 29_000;
  await send();
  expect(dials).toBeLessThanOrEqual(5);
});

test('connections grow while mail is accepted, and shrink while all mail is deferred', async () => {
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
  'a server that accepts %d messages per connection is healthy: it gets as many connections',
  async (limit) => {
    server = (message) => (message > limit ? ended() : answered(250));
    for (let round = 0; round < 5; round += 1) {
      await sendMany(100);
      now += 1_000;
    }
    const before = dials;
    const ends = await sendMany(100);
    // Sometimes one message more is tried.
    const cut = ends.filter(
      (end) => 'results' in end && end.results[0]?.outcome === 'unsent',
    ).length;
    expect(cut).toBeLessThanOrEqual(100 / limit / 20 + 1);
    expect(dials - before).toBeLessThanOrEqual(100 / limit + most);
  },
);

test('any other break of a connection halves the number of connections', async () => {
  await sendMany(400);
  server = () => ended('timeout');
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

test('a site that refuses connections gets one dial at a time, although dials from before are accepted later', async () => {
  const dialled: PromiseWithResolvers<void>[] = [];
  opens = () => {
    const dial = Promise.withResolvers<void>();
    dialled.push(dial);
    return dial.promise;
  };
  const first = Array.from({ length: 40 }, () => send());
  await settled();
  expect(dialled).toHaveLength(5);
  for (const dial of dialled.slice(2)) dial.reject(new Error('421'));
  await settled();
  for (const dial of dialled.slice(0, 2)) dial.resolve();
  await Promise.all(first);
  now += 5_000;
  const replies = Promise.withResolvers<void>();
  const more = Array.from({ length: 20 }, () =>
    pool.submit({ tenant: 't1' }, async (...on) => {
      await replies.promise;
      return transact(...on);
    }),
  );
  await settled();
  expect(dials).toBe(6);
  opens = () => Promise.resolve();
  dialled.at(-1)?.resolve();
  replies.resolve();
  await Promise.all(more);
});

test('mail that was given up while it waited is refused, and mail on the wire continues', async () => {
  let open: () => void = () => undefined;
  opens = () => new Promise((resolve) => (open = resolve));
  const lost = new AbortController();
  const [waiting, other] = [send('t1', lost.signal), send('t2')];
  await settled();
  lost.abort();
  pool.giveUp(lost.signal);
  expect(await waiting).toEqual({ refusal: 'stopping' });
  expect(await send('t1', lost.signal)).toEqual({ refusal: 'stopping' });
  open();
  expect(await other).toMatchObject({ results: [{ outcome: 'accepted' }] });
});

test('postponed messages are due one after the other, at the pace of the site', async () => {
  for (let n = 0; n < 50; n += 1) {
    await send();
    await settled();
    now += 2_000;
  }
  now += 60_000;
  pool.sweep(now);
  opens = () => new Promise(() => undefined);
  const flood = Array.from({ length: 10 }, () => send());
  await settled();
  now += patience;
  pool.sweep(now);
  const times = (await Promise.all(flood)).map((end) => ('retryAt' in end ? end.retryAt - now : 0));
  expect(times[0]).toBeGreaterThanOrEqual(1_000);
  for (const [n, at] of times.slice(1).entries()) {
    expect(at - (times[n] ?? 0)).toBeGreaterThan(1_950);
    expect(at - (times[n] ?? 0)).toBeLessThan(2_050);
  }
});
