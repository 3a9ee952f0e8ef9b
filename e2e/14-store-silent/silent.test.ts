import { randomUUID } from 'node:crypto';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newCustomer } from '../kit/customers.ts';
import {
  askErasure,
  erasureAt,
  erasureReaches,
  expectEveryStoreOnce,
  type Asked,
} from '../kit/erasures.ts';
import { viewLedger, type LedgerView } from '../kit/ledger.ts';
import { scenarioStack, shortTimes } from '../kit/stack.ts';

const { current, description } = scenarioStack(() => ({
  env: shortTimes({ privacy: { ERASURE_PATIENCE: '5s' } }),
}));
let ledger: LedgerView;
beforeAll(async () => {
  ledger = await viewLedger(description());
});
afterAll(() => ledger[Symbol.asyncDispose]());

async function eraseSomebody(): Promise<Asked> {
  const domain = `${randomUUID()}.example`;
  const customer = await newCustomer(description(), {
    name: 'Somebody',
    domain,
    owner: `o@${domain}`,
  });
  return askErasure(description(), customer.id);
}

async function alarms(count: number): Promise<void> {
  await eventually(async () => {
    const text = await (await fetch(`${description().operations.privacy}/metrics`)).text();
    const gauge = /^mysmtp_erasures\{.*state="partial".*\} (\d+)$/m.exec(text)?.[1];
    expect(Number(gauge)).toBe(count);
  });
}

test('a service that is silent from the start: partial, an alert and no certificate, until it is back', async () => {
  await current().process('logging').stop();
  const asked = await eraseSomebody();
  const partial = await erasureReaches(description(), asked, 'partial');
  expect(partial.missing).toContain('logging.messages');
  expect(partial.certificate).toBeNull();
  await alarms(1);
  current().process('logging').start();
  expectEveryStoreOnce(await erasureReaches(description(), asked, 'completed_live'));
  await alarms(0);
}, 240_000);

test('for a service that becomes silent after the fence the missing stores are named', async () => {
  const asked = await eraseSomebody();
  const id = asked.url.split('/').at(-1) ?? '';
  // Frozen, not ended: it has acknowledged the fence, holds its messages and sends nothing.
  while ((await ledger.stepOf(id)) === 'planting') await eventually(() => undefined);
  const { pids } = description();
  const frozen = pids['delivery'] ?? [];
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
  try {
    const partial = await erasureReaches(description(), asked, 'partial');
    expect(partial.missing.some((name) => name.includes('delivery'))).toBe(true);
    expect((await erasureAt(description(), asked)).certificate).toBeNull();
  } finally {
    for (const pid of frozen) process.kill(pid, 'SIGCONT');
  }
  expectEveryStoreOnce(await erasureReaches(description(), asked, 'completed_live'));
}, 240_000);
