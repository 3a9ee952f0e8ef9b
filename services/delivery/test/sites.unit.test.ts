import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Connection } from '../src/dial/dial.ts';
import { siteOf } from '../src/routing/site.ts';
import { createSites, type Sites } from '../src/sites/sites.ts';

const window = 100;
const patience = 5_000;

let isFull: boolean;
let dial: () => Promise<Connection>;
let sites: Sites;
/** Tenants of the postponed mail, in order. */
let putOff: string[];

beforeEach(() => {
  vi.useFakeTimers();
  isFull = false;
  putOff = [];
  dial = () => new Promise(() => undefined);
  sites = createSites({
    dial: () => dial(),
    clock: { now: () => Date.now() },
    connections: 20,
    messagesPerConnection: 100,
    idleTime: 60_000,
    transactionTime: 60_000,
    dialTime: 60_000,
    patience,
    window,
    isFull: () => isFull,
  });
});
afterEach(() => {
  sites.close();
  vi.useRealTimers();
});

const connection = {
  host: 'mx.busy.test',
  session: {
    transactions: 1,
    isUsable: () => true,
    end: () => undefined,
    close: () => Promise.resolve(),
  },
} as unknown as Connection;

/** Mail that waits for connections to this many silent sites. */
function send(tenant: string, count: number, givenUp?: AbortSignal): void {
  for (let n = 0; n < count; n += 1) void sendTo(tenant, `mx${String(n)}.${tenant}.test`, givenUp);
}

async function sendTo(tenant: string, exchange: string, givenUp?: AbortSignal): Promise<void> {
  const site = siteOf([{ exchange, priority: 0 }], 25);
  const applicant = { tenant, site, givenUp };
  const end = await sites.submit(applicant, () => Promise.resolve({ results: [] }));
  if ('refusal' in end) putOff.push(tenant);
}

test('mail for hundreds of silent sites is postponed after the patience, at each of them', async () => {
  send('big', 500);
  await vi.advanceTimersByTimeAsync(patience - 1_000);
  expect(putOff).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(putOff).toHaveLength(500);
});

test('while the window is full, waiting mail of a tenant that makes no progress is refused; other mail stays queued', async () => {
  isFull = true;
  send('big', 60);
  send('small', 20);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(putOff).toEqual(Array.from({ length: 60 }, () => 'big'));
});

test('while the window is full, mail of a tenant that moves stays queued, also if it waits for seconds', async () => {
  isFull = true;
  dial = () => Promise.resolve({ ...connection });
  const site = siteOf([{ exchange: 'mx.busy.test', priority: 0 }], 25);
  const slowly = () =>
    new Promise<{ results: [] }>((resolve) => setTimeout(() => resolve({ results: [] }), 200));
  let sent = 0;
  for (let n = 0; n < 90; n += 1) {
    const end = sites.submit({ tenant: 'busy', site }, slowly);
    void end.then((used) => ('refusal' in used ? putOff.push('busy') : (sent += 1)));
  }
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toBeLessThan(60);
  await vi.advanceTimersByTimeAsync(3_500);
  expect([sent, putOff]).toEqual([90, []]);
});

test('while the window is not full a tenant may use all of it', async () => {
  send('big', 60);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(putOff).toEqual([]);
});

test('only mail that the broker has taken back is refused, at all sites', async () => {
  const [lost, kept] = [new AbortController(), new AbortController()];
  send('big', 3, lost.signal);
  send('big', 2, kept.signal);
  send('small', 1, lost.signal);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(putOff).toEqual([]);
  lost.abort();
  await vi.advanceTimersByTimeAsync(1);
  expect(putOff.sort()).toEqual(['big', 'big', 'big', 'small']);
  kept.abort();
  await vi.advanceTimersByTimeAsync(1);
  expect(putOff).toHaveLength(6);
});
