import { beforeEach, expect, test } from 'vitest';
import type { Envelope } from '@mysmtp/contracts';
import { next, type Rules } from '../src/core/next.ts';
import {
  newState,
  type Effect,
  type Erased,
  type Input,
  type MessageState,
  type AttemptResult,
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
/** Effects that produce the next input. No effect may follow them. */
const answered = ['open', 'route', 'attempt', 'make_dsn'];
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
    attempt: Buffer.from(outcome),
    failure: { at: now, site: null, reply: outcome, enhancedCode: null },
    retryAt,
  }) satisfies AttemptResult;
const postponed = (n: number, retryAt?: number): AttemptResult => ({
  n,
  outcome: 'postponed',
  retryAt,
});

const attempted = (...results: AttemptResult[]): readonly Effect[] =>
  feed({ kind: 'attempted', results, isLast: true });

/** Opened, with attempts at this many sites. */
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

test('mail that one site accepts is completed without a write', () => {
  expect(doing(feed({ kind: 'begun' }))).toEqual(['open']);
  expect(feed({ kind: 'opened', envelope: envelopeOf(2) })).toEqual([
    { do: 'route', positions: [0, 1] },
  ]);
  expect(doing(feed({ kind: 'routed', sites: 1, hasRoom: true }))).toEqual(['attempt']);
  expect(attempted(tried(0, 'delivered'), tried(1, 'delivered'))).toEqual([
    { do: 'publish', positions: [0, 1] },
  ]);
  expect(doing(feed({ kind: 'round_over' }))).toEqual(['publish', 'end']);
  expect(recipient(0)).toMatchObject({ status: 'delivered', rev: 1_000_000 });
  expect(state.isStored).toBe(false);
});

test('mail for several sites is stored before the first attempt, or left to another process', () => {
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
  // Intermediate states are published after they are durable.
  expect(feed({ kind: 'round_over' })).toEqual([
    { do: 'publish', positions: [2] },
    { do: 'wait' },
    { do: 'publish', positions: [0] },
  ]);
  expect(recipient(0)).toMatchObject({ status: 'deferred', rev: 1, tries: 1 });
  expect(recipient(0).dueAt).toBeGreaterThanOrEqual(now + 5 * minute);
  expect(recipient(1)).toMatchObject({ status: 'accepted', rev: 0, tries: 0 });
  expect(recipient(1).dueAt).toBeLessThanOrEqual(now + minute);
  expect(state.nextAt).toBe(recipient(1).dueAt);
  now = state.nextAt;
  feed({ kind: 'begun' });
  expect(feed({ kind: 'opened', envelope: envelopeOf(3) })).toEqual([
    { do: 'route', positions: [1] },
  ]);
});

test('mail for a site that is down waits for the next dial the first time, later for the normal delay', () => {
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

test('a refusal becomes one DSN, which is durable before it is a separate message', () => {
  tryAll(2);
  attempted(tried(0, 'permanent'), tried(1, 'delivered'));
  expect(feed({ kind: 'round_over' })).toEqual([{ do: 'make_dsn', positions: [0] }]);
  expect(state.failures.get(0)).toMatchObject({ reply: 'permanent' });
  const dsn = { id: 'r', content: Buffer.from('dsn') };
  expect(feed({ kind: 'dsn_made', positions: [0], dsn })).toEqual([
    { do: 'publish', positions: [0, 1] },
    { do: 'write' },
    { do: 'enqueue', dsns: [dsn] },
    { do: 'write' },
    { do: 'end' },
  ]);
  expect(recipient(0).dsn).toBe('r');
});

test('a refusal without a DSN needs no write', () => {
  tryAll(1);
  attempted(tried(0, 'permanent'));
  feed({ kind: 'round_over' });
  const effects = feed({ kind: 'dsn_made', positions: [0], dsn: undefined });
  expect(doing(effects)).toEqual(['publish', 'end']);
  expect(recipient(0).dsn).toBe('none');
});

test('DSNs that were written before a crash are enqueued by the next handling', () => {
  tryAll(1);
  attempted(tried(0, 'permanent'));
  const dsn = { id: 'r', content: Buffer.from('dsn') };
  state = { ...state, isStored: true, dsns: [dsn], unfinishedHandlings: 1 };
  state = {
    ...state,
    ...(state.opened && {
      opened: { ...state.opened, recipients: [{ ...recipient(0), dsn: 'r' }] },
    }),
  };
  expect(doing(feed({ kind: 'begun' }))).toEqual(['write', 'open']);
  const effects = feed({ kind: 'opened', envelope: envelopeOf(1) });
  expect(effects).toContainEqual({ do: 'enqueue', dsns: [dsn] });
  expect(doing(effects).at(-1)).toBe('end');
});

test('after its expiry a message is expired, and the sender gets a DSN', () => {
  tryAll(1);
  attempted(tried(0, 'transient'));
  feed({ kind: 'round_over' });
  now = state.expiresAt;
  feed({ kind: 'begun' });
  expect(feed({ kind: 'opened', envelope: envelopeOf(1) })).toEqual([
    { do: 'make_dsn', positions: [0] },
  ]);
  expect(recipient(0).status).toBe('expired');
});

test('a final recipient does not change', () => {
  tryAll(1);
  attempted(tried(0, 'delivered'));
  attempted(tried(0, 'permanent'));
  expect(recipient(0)).toMatchObject({ status: 'delivered', attempts: [Buffer.from('delivered')] });
});

test('a possibly poisonous message is counted before it is opened, and the count is reset after a completed attempt', () => {
  expect(doing(feed({ kind: 'redelivered' }))).toEqual(['wait']);
  expect(state).toMatchObject({ unfinishedHandlings: 1 });
  state = { ...state, isStored: true };
  expect(doing(feed({ kind: 'begun' }))).toEqual(['write', 'open']);
  expect(state.unfinishedHandlings).toBe(2);
  // Its recipients must be known in case it is held later.
  expect(doing(feed({ kind: 'opened', envelope: envelopeOf(1) }))).toEqual(['write', 'route']);
  const before = state;
  attempted(postponed(0));
  feed({ kind: 'round_over' });
  expect(state.unfinishedHandlings).toBe(1);
  state = before;
  attempted(tried(0, 'transient'));
  feed({ kind: 'round_over' });
  expect(state.unfinishedHandlings).toBe(0);
});

test('a message that fails unexpectedly is held after the limit, expires, and is finally given up', () => {
  state = { ...state, isStored: true };
  for (let n = 1; n <= 5; n += 1) {
    feed({ kind: 'begun' });
    expect(doing(feed({ kind: 'failed', why: 'unexpected' }))).toEqual(['wait']);
    expect(state.unfinishedHandlings).toBe(n);
  }
  expect(doing(feed({ kind: 'begun' }))).toEqual(['wait']);
  expect(state.held).toEqual({ reason: 'handling_failed', at: now });
  now = state.expiresAt;
  state = { ...state, unfinishedHandlings: 8 };
  expect(doing(feed({ kind: 'begun' }))).toEqual(['count_without_dsn', 'write', 'end']);
});

test('an operator releases held mail, which is then due at once, or cancels it', () => {
  tryAll(1);
  state = { ...state, isStored: true };
  feed({ kind: 'failed', why: 'unreadable' });
  expect(recipient(0)).toMatchObject({ status: 'held', rev: 1 });
  const held = state;
  expect(doing(feed({ kind: 'released' }))).toEqual(['wait', 'publish']);
  expect(state).toMatchObject({ unfinishedHandlings: 0 });
  expect(state.held).toBeUndefined();
  expect(recipient(0)).toMatchObject({ status: 'deferred', rev: 2 });
  expect(recipient(0).dueAt).toBeLessThan(now);
  state = held;
  expect(doing(feed({ kind: 'cancelled' }))).toEqual(['publish', 'write', 'end']);
  expect(recipient(0)).toMatchObject({ status: 'cancelled', rev: 1_000_000 });
});

test('a message that this process cannot finish goes back to the broker or the deferred queue', () => {
  tryAll(1);
  expect(doing(feed({ kind: 'failed', why: 'interrupted' }))).toEqual(['give_back']);
  state = { ...state, isStored: true };
  expect(doing(feed({ kind: 'failed', why: 'interrupted' }))).toEqual(['wait']);
  expect(state.nextAt).toBe(now);
});

test('missing content drops a possibly poisonous message, which was delivered before, and holds any other message', () => {
  tryAll(1);
  const fresh = state;
  expect(doing(feed({ kind: 'failed', why: 'content_gone' }))).toContain('wait');
  expect(state.held?.reason).toBe('unreadable');
  state = { ...fresh, unfinishedHandlings: 2 };
  expect(doing(feed({ kind: 'failed', why: 'content_gone' }))).toEqual(['drop']);
});

test('a message that is in flight for long is stored once, and stays in flight', () => {
  tryAll(1);
  expect(doing(feed({ kind: 'held_long' }))).toEqual(['write']);
  expect(feed({ kind: 'held_long' })).toEqual([]);
  attempted(tried(0, 'delivered'));
  expect(doing(feed({ kind: 'round_over' }))).toEqual(['publish', 'write', 'end']);
});

test('a canary is held, and expires without a DSN', () => {
  state = { ...state, kind: 'canary' };
  feed({ kind: 'begun' });
  expect(doing(feed({ kind: 'opened', envelope: envelopeOf(1) }))).toEqual(['wait', 'publish']);
  expect(state.held?.reason).toBe('canary');
  now = state.expiresAt;
  const effects = feed({ kind: 'opened', envelope: envelopeOf(1) });
  expect(doing(effects)).not.toContain('make_dsn');
  expect(doing(effects).at(-1)).toBe('end');
});

const erased = (recipients: readonly number[], more: Partial<Erased> = {}): Erased => ({
  recipients,
  isAll: false,
  isSender: false,
  details: new Map(recipients.map((n) => [n, Buffer.from(`without ${String(n)}`)])),
  ...more,
});

test('an erased recipient is cancelled before the others are tried, and the message is stored without it', () => {
  feed({ kind: 'begun' });
  const effects = feed({ kind: 'opened', envelope: envelopeOf(2), erased: erased([0]) });
  expect(doing(effects)).toEqual(['reseal', 'write', 'publish', 'route']);
  expect(effects.at(-1)).toEqual({ do: 'route', positions: [1] });
  expect(state.isStored).toBe(true);
  expect(state.opened?.recipients).toMatchObject([
    { status: 'cancelled', rev: 1_000_000, index: '', attempts: [], dsn: 'none' },
    { status: 'accepted', index: 'i1' },
  ]);
  expect(String(state.opened?.recipients[0]?.details)).toBe('without 0');
});

test('the last recipient is erased: the message ends without a DSN and is never stored', () => {
  feed({ kind: 'begun' });
  const effects = feed({ kind: 'opened', envelope: envelopeOf(1), erased: erased([0]) });
  expect(doing(effects)).toEqual(['publish', 'publish', 'end']);
  expect(state.isStored).toBe(false);
});

test('a recipient is erased while its attempt runs: the result changes nothing', () => {
  feed({ kind: 'begun' });
  feed({ kind: 'opened', envelope: envelopeOf(2) });
  feed({ kind: 'routed', sites: 1, hasRoom: true });
  feed({ kind: 'erased', erased: erased([0]) });
  feed({
    kind: 'attempted',
    results: [tried(0, 'permanent'), tried(1, 'delivered')],
    isLast: true,
  });
  const effects = feed({ kind: 'round_over' });
  expect(state.opened?.recipients).toMatchObject([
    { status: 'cancelled', index: '' },
    { status: 'delivered' },
  ]);
  expect(doing(effects)).not.toContain('make_dsn');
});

test('a DSN about an erased recipient and another, not sent yet, is made again about the other', () => {
  feed({ kind: 'begun' });
  feed({ kind: 'opened', envelope: envelopeOf(3) });
  feed({ kind: 'routed', sites: 1, hasRoom: true });
  const results = [tried(0, 'permanent'), tried(1, 'permanent'), tried(2, 'transient')];
  feed({ kind: 'attempted', results, isLast: true });
  feed({ kind: 'round_over' });
  // As stored by a process that crashed before it was a message of its own.
  const dsn = { id: 'd', content: Buffer.from('sealed') };
  const marked = state.opened?.recipients.map((one) => (one.n < 2 ? { ...one, dsn: 'd' } : one));
  if (state.opened === undefined || marked === undefined) throw new Error('not opened');
  state = {
    ...state,
    isStored: true,
    opened: { ...state.opened, recipients: marked },
    dsns: [dsn],
  };
  expect(feed({ kind: 'searched' })).toEqual([{ do: 'open', isSearch: true }]);
  const effects = feed({
    kind: 'opened',
    envelope: envelopeOf(3),
    erased: erased([0]),
    isSearch: true,
  });
  expect(state.dsns).toEqual([]);
  expect(effects.at(-1)).toEqual({ do: 'make_dsn', positions: [1] });
  expect(doing(effects)).toEqual(['reseal', 'write', 'publish', 'make_dsn']);
});

test('the sender is erased: everything is cancelled, and no recipient gets a DSN', () => {
  feed({ kind: 'begun' });
  const all = erased([], { isAll: true, isSender: true, details: new Map() });
  const effects = feed({ kind: 'opened', envelope: envelopeOf(2), erased: all });
  expect(doing(effects)).toEqual(['publish', 'publish', 'end']);
  expect(state.opened).toMatchObject({ senderIndex: '' });
  expect(state.opened?.recipients.map(({ status, index }) => [status, index])).toEqual([
    ['cancelled', 'i0'],
    ['cancelled', 'i1'],
  ]);
});

test('an erasure looks into a waiting message without the person: it waits as before', () => {
  state = { ...state, isStored: true, nextAt: start + 7, unfinishedHandlings: 3 };
  feed({ kind: 'searched' });
  expect(doing(feed({ kind: 'opened', envelope: envelopeOf(1), isSearch: true }))).toEqual([
    'wait',
  ]);
  expect(state).toMatchObject({ nextAt: start + 7, unfinishedHandlings: 3 });
  expect(state.opened?.recipients).toHaveLength(1);
});
