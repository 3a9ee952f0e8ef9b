import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  routingKeys,
  serviceKeysIn,
  serviceNames,
  type ErasureAnswer,
  type ServiceName,
  type StoredKey,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { freshDatabase, makeServiceKeys, type ServiceKeys } from '@mysmtp/test-kit';
import mongoose from 'mongoose';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { erasureAnswerHandler } from '../src/consumers/erasure-answer.ts';
import { openAnswers, type Answers } from '../src/erasures/answers.ts';
import { openLedger, type Ledger } from '../src/erasures/ledger.ts';

const closing = new AsyncDisposableStack();
const log = createLogger('privacy', 'error', { write: () => undefined });
const clock = { now: () => now };
let now = Date.parse('2026-11-24T12:00:00Z');
let keys: ServiceKeys;
let ledger: Ledger;
let answers: Answers;
let handle: ReturnType<typeof erasureAnswerHandler>;
let metrics: Registry;
let erasure: string;
const commitment = 'c';

beforeAll(async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-answers-'));
  closing.defer(() => rm(dir, { recursive: true }));
  keys = await makeServiceKeys(dir);
  const database = closing.adopt(await freshDatabase(), (open) => open.close());
  const connection = closing.adopt(
    await mongoose.createConnection(database.url).asPromise(),
    (open) => open.close(),
  );
  ledger = await openLedger(connection);
  answers = await openAnswers(connection, clock);
  metrics = new Registry();
  const stored = JSON.parse(await readFile(keys.jwksFile, 'utf8')) as { keys: StoredKey[] };
  handle = erasureAnswerHandler({
    ledger,
    answers,
    published: { keys: serviceKeysIn(stored.keys) },
    signed: await keys.as('privacy', log, metrics),
    clock,
    log,
    stopping: new AbortController().signal,
  });
});

afterAll(() => closing.disposeAsync());

beforeEach(async () => {
  erasure = randomUUID();
  const subject = { kind: 'tenant', tenant: randomUUID() } as const;
  const at = new Date(now);
  const step = 'fencing' as const;
  await ledger.create({ _id: erasure, subject, commitment, step, requestedAt: at, since: at });
});

const give = (content: Buffer, over: ServiceName) =>
  handle({
    content,
    routingKey: routingKeys.erasureAnswer(over),
    headers: {},
    redelivered: false,
  });

const fencedBy = (service: ServiceName): ErasureAnswer => ({
  v: 1,
  kind: 'fenced',
  erasure,
  service,
  process: randomUUID(),
  wire: { finished: 0, unknown: 0 },
});

const signedBy = async (service: ServiceName, answer: ErasureAnswer): Promise<Buffer> =>
  (await keys.as(service, log)).sign('answer', answer);

test('each service acknowledges a fence for itself', async () => {
  for (const service of serviceNames) {
    expect(await give(await signedBy(service, fencedBy(service)), service)).toBe('ack');
  }
  const given = (await answers.acknowledgements(erasure)).map(({ service }) => service);
  expect(given.toSorted()).toEqual([...serviceNames].toSorted());
});

test('no service acknowledges a fence for another, over any exchange and under any name', async () => {
  for (const speaker of serviceNames) {
    for (const other of serviceNames.filter((name) => name !== speaker)) {
      const inItsName = await signedBy(speaker, fencedBy(other));
      expect(await give(inItsName, speaker), `${speaker} for ${other}`).toBe('dead');
      expect(await give(inItsName, other), `${speaker} for ${other}`).toBe('dead');
      // Its own answer, over the exchange of the other.
      expect(await give(await signedBy(speaker, fencedBy(speaker)), other)).toBe('dead');
    }
  }
  expect(await answers.acknowledgements(erasure)).toEqual([]);
  expect(await metrics.metrics()).toMatch(/\{kind="answer",reason="other_sender"\} [1-9]/);
});

test('an unsigned answer, and one that is signed as another kind, are refused', async () => {
  const payload = fencedBy('logging');
  expect(await give(Buffer.from(JSON.stringify(payload)), 'logging')).toBe('dead');
  const logging = await keys.as('logging', log);
  const as = await logging.sign('marker', {
    v: 1,
    erasure,
    subject: { kind: 'tenant', tenant: 't1' },
    commitment,
  });
  expect(await give(as, 'logging')).toBe('dead');
  expect(await answers.acknowledgements(erasure)).toEqual([]);
});

test('a captured progress notice has no effect when it is replayed', async () => {
  const begun = new Date(now);
  const captured = await signedBy('logging', {
    v: 1,
    kind: 'working',
    erasure,
    service: 'logging',
  });
  expect(await give(captured, 'logging')).toBe('ack');
  expect(await answers.workingSince(erasure, begun)).toEqual(['logging']);
  now += 60_000;
  expect(await give(captured, 'logging')).toBe('ack');
  expect(await answers.workingSince(erasure, new Date(now))).toEqual([]);
});

test('a service without a purge for this kind of subject is recorded for as long as it answers so', async () => {
  const begun = new Date(now);
  const payload = {
    v: 1,
    kind: 'unsupported',
    erasure,
    service: 'logging',
    subjectKind: 'tenant',
  } as const;
  expect(await give(await signedBy('logging', payload), 'logging')).toBe('ack');
  expect(await answers.unsupportedSince(erasure, begun)).toEqual(['logging']);
  expect(await answers.workingSince(erasure, begun)).toEqual([]);
  // In the name of another service.
  expect(await give(await signedBy('ingress', payload), 'ingress')).toBe('dead');
  now += 60_000;
  expect(await answers.unsupportedSince(erasure, new Date(now))).toEqual([]);
});
