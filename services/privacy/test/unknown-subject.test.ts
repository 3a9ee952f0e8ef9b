import { randomUUID } from 'node:crypto';
import { createLogger } from '@mysmtp/log';
import { freshDatabase } from '@mysmtp/test-kit';
import mongoose from 'mongoose';
import { afterAll, expect, test } from 'vitest';
import { standingFences, standingOf, openLedger, stateOf } from '../src/erasures/ledger.ts';
import type { SagaDeps } from '../src/erasures/deps.ts';
import { advance } from '../src/erasures/saga.ts';

const closing = new AsyncDisposableStack();
afterAll(() => closing.disposeAsync());

const clock = { now: () => Date.parse('2026-11-24T12:00:00Z') };
const log = createLogger('privacy', 'error', { write: () => undefined });

test('an entry of a newer release about another kind of subject waits for that release', async () => {
  const database = closing.adopt(await freshDatabase(), (open) => open.close());
  const connection = closing.adopt(
    await mongoose.createConnection(database.url).asPromise(),
    (open) => open.close(),
  );
  const ledger = await openLedger(connection);
  // The schema of that release accepts it.
  await connection.db?.command({ collMod: 'erasures', validator: {} });
  const _id = randomUUID();
  const at = new Date(clock.now());
  const subject = { kind: 'household', tenant: 't1', household: 'blind-index' };
  const states = { silent: [], leftovers: [], completedAt: null, requestedAt: at, since: at };
  const entry = { _id, subject, commitment: 'c', step: 'fencing', ...states } as object;
  await connection.collection('erasures').insertOne(entry);

  const found = await ledger.findById(_id).lean();
  if (found === null) throw new Error('It is not there');
  // The other dependencies of an erasure are absent, because none may be used.
  const deps = { ledger, clock, log, patience: 90_000 } as SagaDeps;
  await advance(found, deps);
  const after = await ledger.findById(_id).lean();
  expect(after).toMatchObject({
    step: 'fencing',
    silent: ['a release that knows this kind of subject'],
  });
  expect(after === null ? undefined : stateOf(after)).toBe('partial');

  // No process is ordered to stop for the complete tenant.
  expect(await standingFences(ledger, clock)).toEqual([]);
  const fence = { erasure: _id, subject: { kind: 'tenant', tenant: 't1' } } as const;
  expect(await standingOf(ledger, fence)).toEqual({ known: false, may: [] });
});
