import { beforeEach, expect, test } from 'vitest';
import type { Envelope } from '@mysmtp/contracts';
import { next, type Rules } from '../src/core/next.ts';
import {
  newState,
  type Effect,
  type Input,
  type MessageState,
  type Result,
} from '../src/core/state.ts';

const minute = 60_000;
const rules: Rules = { retryFirst: 5 * minute, retryMax: 240 * minute, handlingLimit: 5 };
const start = 1_000_000_000;
const expiry = 5 * 1_440 * minute;

let now: number;
let state: MessageState;
beforeEach(() => {
  now = start;
  state = newState({ id: 'm', tenant: 't', kind: 'message' }, { acceptedAt: now, expiry, now });
});

function feed(input: Input): readonly Effect[] {
  const step = next(state, input, now, rules);
  ({ state } = step);
  for (const early of doing(step.effects).slice(0, -1)) expect(answered).not.toContain(early);
  return step.effects;
}
/** What comes of these is the next input, so that nothing may follow them. */
const answered = ['open', 'route', 'attempt', 'report'];
const doing = (effects: readonly Effect[]): string[] => effects.map((effect) => effect.do);

const envelopeOf = (count: number): Envelope => ({
  reversePath: 'a@example.org',
  senderIndex: 's',
  recipients: Array.from({ length: count }, (_, n) => ({
    address: `r${String(n)}@x.test`,
    index: `i${String(n)}`,
    log: '',
  })),
  smtputf8: false,
  eightBit: false,
  size: 1,
  signing: null,
  spool: null,
});

const tried = (n: number, outcome: 'delivered' | 'transient' | 'permanent', retryAt?: number) =>
  ({
    n,
    outcome,
    evidence: Buffer.from(outcome),
    failure: { at: now, site: null, reply: outcome, enhancedCode: null },
    retryAt,
  }) satisfies Result;
const postponed = (n: number, retryAt?: number): Result => ({ n, outcome: 'postponed', retryAt });

const attempted = (...results: Result[]): readonly Effect[] =>
  feed({ kind: 'attempted', results, isLast: true });

/** Opened, and its recipients are being tried at so many sites. */
function tryAll(recipients: number, sites = 1): void {
  feed({ kind: 'begun' });
  feed({ kind: 'opened', envelope: envelopeOf(recipients) });
  feed({ kind: 'routed', sites, hasRoom: true });
}

const recipient = (n: number) => {
  const one = state.opened?.recipients[n];
  if (one === undefined) throw new Error('no such recipient');
  return one;
};

test('mail that one site takes goes from the broker to its end without a write', () => {
  expect(doing(feed({ kind: 'begun' }))).toEqual(['open']);
  expect(feed({ kind: 'opened', envelope: envelopeOf(2) })).toEqual([
    { do: 'route', places: [0, 1] },
  ]);
  expect(doing(feed({ kind: 'routed', sites: 1, hasRoom: true }))).toEqual(['attempt']);
  expect(attempted(tried(0, 'delivered'), tried(1, 'delivered'))).toEqual([
    { do: 'publish', places: [0, 1] },
  ]);
  expect(doing(feed({ kind: 'round_over' }))).toEqual(['publish', 'end']);
  expect(recipient(0)).toMatchObject({ status: 'delivered', rev: 1_000_000 });
  expect(state.isStored).toBe(false);
});

test('mail for several sites is stored before the first is tried, or left to another process', () => {
  feed({ kind: 'begun' });
  feed({ kind: 'opened', envelope: envelopeOf(2) });
  const before = state;
  expect(doing(feed({ kind: 'routed', sites: 2, hasRoom: true }))).toEqual(['write', 'attempt']);
  expect(state.isStored).toBe(true);
  state = before;
  expect(doing(feed({ kind: 'routed', sites: 2, hasRoom: false }))).toEqual(['wait']);
  expect(state.nextAt).toBeLessThanOrEqual(now);
});

test('each recipient has its own time and its own number of tries', () => {
  tryAll(3, 2);
  expect(
    doing(feed({ kind: 'attempted', results: [tried(0, 'transient')], isLast: false })),
  ).toEqual(['write']);
  attempted(postponed(1), tried(2, 'delivered'));
  // What is on its way is told once it is durable.
  expect(feed({ kind: 'round_over' })).toEqual([
    { do: 'publish', places: [2] },
    { do: 'wait' },
    { do: 'publish', places: [0] },
  ]);
  expect(recipient(0)).toMatchObject({ status: 'deferred', rev: 1, tries: 1 });
  expect(recipient(0).dueAt).toBeGreaterThanOrEqual(now + 5 * minute);
  expect(recipient(1)).toMatchObject({ status: 'accepted', rev: 0, tries: 0 });
  expect(recipient(1).dueAt).toBeLessThanOrEqual(now + minute);
  expect(state.nextAt).toBe(recipient(1).dueAt);
  now = state.nextAt;
  feed({ kind: 'begun' });
  expect(feed({ kind: 'opened', envelope: envelopeOf(3) })).toEqual([{ do: 'route', places: [1] }]);
});

test('mail that only found its site down waits for the next look the first time, later as all', () => {
  tryAll(1);
  attempted(tried(0, 'transient', now + 30_000));
  expect(recipient(0).dueAt).toBeGreaterThanOrEqual(now + 30_000);
  expect(recipient(0).dueAt).toBeLessThanOrEqual(now + 90_000);
  attempted(tried(0, 'transient', now + 30_000));
  expect(recipient(0).dueAt).toBeGreaterThanOrEqual(now + 10 * minute);
});

test('no attempt is planned after the expiry', () => {
  tryAll(1);
  now = state.expiresAt - 1_000;
  attempted(tried(0, 'transient'));
  expect(recipient(0).dueAt).toBe(state.expiresAt);
});

test('a refusal becomes one report, which is durable before it is a message of its own', () => {
  tryAll(2);
  attempted(tried(0, 'permanent'), tried(1, 'delivered'));
  expect(feed({ kind: 'round_over' })).toEqual([{ do: 'report', places: [0] }]);
  expect(state.failures.get(0)).toMatchObject({ reply: 'permanent' });
  const report = { id: 'r', content: Buffer.from('report') };
  expect(feed({ kind: 'reported', places: [0], report })).toEqual([
    { do: 'publish', places: [0, 1] },
    { do: 'write' },
    { do: 'enqueue', reports: [report] },
    { do: 'write' },
    { do: 'end' },
  ]);
  expect(recipient(0).dsn).toBe('r');
});

test('a refusal of which nobody may be told needs no write', () => {
  tryAll(1);
  attempted(tried(0, 'permanent'));
  feed({ kind: 'round_over' });
  const effects = feed({ kind: 'reported', places: [0], report: undefined });
  expect(doing(effects)).toEqual(['publish', 'end']);
  expect(recipient(0).dsn).toBe('none');
});

test('reports that were written down before a crash go into the queue with the next handling', () => {
  tryAll(1);
  attempted(tried(0, 'permanent'));
  const report = { id: 'r', content: Buffer.from('report') };
  state = { ...state, isStored: true, reports: [report], handlings: 1 };
  state = {
    ...state,
    ...(state.opened && {
      opened: { ...state.opened, recipients: [{ ...recipient(0), dsn: 'r' }] },
    }),
  };
  expect(doing(feed({ kind: 'begun' }))).toEqual(['write', 'open']);
  const effects = feed({ kind: 'opened', envelope: envelopeOf(1) });
  expect(effects).toContainEqual({ do: 'enqueue', reports: [report] });
  expect(doing(effects).at(-1)).toBe('end');
});

test('after its time a message expires, and the sender is told', () => {
  tryAll(1);
  attempted(tried(0, 'transient'));
  feed({ kind: 'round_over' });
  now = state.expiresAt;
  feed({ kind: 'begun' });
  expect(feed({ kind: 'opened', envelope: envelopeOf(1) })).toEqual([
    { do: 'report', places: [0] },
  ]);
  expect(recipient(0).status).toBe('expired');
});

test('a final recipient stays as it is', () => {
  tryAll(1);
  attempted(tried(0, 'delivered'));
  attempted(tried(0, 'permanent'));
  expect(recipient(0)).toMatchObject({ status: 'delivered', attempts: [Buffer.from('delivered')] });
});

test('a suspect is counted before it is opened, and free after an attempt that came to its end', () => {
  expect(doing(feed({ kind: 'redelivered' }))).toEqual(['wait']);
  expect(state).toMatchObject({ handlings: 1 });
  state = { ...state, isStored: true };
  expect(doing(feed({ kind: 'begun' }))).toEqual(['write', 'open']);
  expect(state.handlings).toBe(2);
  // If it is held later, its recipients have to be known.
  expect(doing(feed({ kind: 'opened', envelope: envelopeOf(1) }))).toEqual(['write', 'route']);
  const before = state;
  attempted(postponed(0));
  feed({ kind: 'round_over' });
  expect(state.handlings).toBe(1);
  state = before;
  attempted(tried(0, 'transient'));
  feed({ kind: 'round_over' });
  expect(state.handlings).toBe(0);
});

test('what fails unexpectedly is held after the limit, expires, and is given up at last', () => {
  state = { ...state, isStored: true };
  for (let n = 1; n <= 5; n += 1) {
    feed({ kind: 'begun' });
    expect(doing(feed({ kind: 'failed', why: 'unexpected' }))).toEqual(['wait']);
    expect(state.handlings).toBe(n);
  }
  expect(doing(feed({ kind: 'begun' }))).toEqual(['wait']);
  expect(state.held).toEqual({ reason: 'handling_failed', at: now });
  now = state.expiresAt;
  state = { ...state, handlings: 8 };
  expect(doing(feed({ kind: 'begun' }))).toEqual(['count_unreported', 'write', 'end']);
});

test('an operator releases held mail, which is due at once, or cancels it', () => {
  tryAll(1);
  state = { ...state, isStored: true };
  feed({ kind: 'failed', why: 'unreadable' });
  expect(recipient(0)).toMatchObject({ status: 'held', rev: 1 });
  const held = state;
  expect(doing(feed({ kind: 'released' }))).toEqual(['wait', 'publish']);
  expect(state).toMatchObject({ handlings: 0 });
  expect(state.held).toBeUndefined();
  expect(recipient(0)).toMatchObject({ status: 'deferred', rev: 2 });
  expect(recipient(0).dueAt).toBeLessThan(now);
  state = held;
  expect(doing(feed({ kind: 'cancelled' }))).toEqual(['publish', 'write', 'end']);
  expect(recipient(0)).toMatchObject({ status: 'cancelled', rev: 1_000_000 });
});

test('what this process cannot finish goes back to where it came from', () => {
  tryAll(1);
  expect(doing(feed({ kind: 'failed', why: 'interrupted' }))).toEqual(['give_back']);
  state = { ...state, isStored: true };
  expect(doing(feed({ kind: 'failed', why: 'interrupted' }))).toEqual(['wait']);
  expect(state.nextAt).toBe(now);
});

test('gone content ends a suspect, which was delivered before, and parks any other message', () => {
  tryAll(1);
  const fresh = state;
  expect(doing(feed({ kind: 'failed', why: 'content_gone' }))).toContain('wait');
  expect(state.held?.reason).toBe('unreadable');
  state = { ...fresh, handlings: 2 };
  expect(doing(feed({ kind: 'failed', why: 'content_gone' }))).toEqual(['drop']);
});

test('a message that is in hand for long is stored once, and stays in hand', () => {
  tryAll(1);
  expect(doing(feed({ kind: 'held_long' }))).toEqual(['write']);
  expect(feed({ kind: 'held_long' })).toEqual([]);
  attempted(tried(0, 'delivered'));
  expect(doing(feed({ kind: 'round_over' }))).toEqual(['publish', 'write', 'end']);
});

test('a canary is held, and ends silently when its time is over', () => {
  state = { ...state, kind: 'canary' };
  feed({ kind: 'begun' });
  expect(doing(feed({ kind: 'opened', envelope: envelopeOf(1) }))).toEqual(['wait', 'publish']);
  expect(state.held?.reason).toBe('canary');
  now = state.expiresAt;
  const effects = feed({ kind: 'opened', envelope: envelopeOf(1) });
  expect(doing(effects)).not.toContain('report');
  expect(doing(effects).at(-1)).toBe('end');
});
