import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBrokenReports } from '../src/audit/broken.ts';
import { checkChain } from '../src/audit/check.ts';
import { erasePayloads } from '../src/audit/erase.ts';
import { endOfChain, type StoredEntry } from '../src/audit/store.ts';
import { checkFully } from '../src/jobs/audit-full-check.ts';
import { expirePayloads } from '../src/jobs/audit-retention.ts';
import { openAuditStore, someEvent } from './audit-store.ts';

const hour = 3_600_000;
const day = 24 * hour;
const perRun = 4;

let store: Awaited<ReturnType<typeof openAuditStore>>;
let chain: ReturnType<typeof store.writer>;
beforeEach(async () => {
  store = await openAuditStore();
  chain = store.writer();
});
afterEach(() => store.close());

const add = async (count: number, given: Parameters<typeof someEvent>[0] = {}) => {
  await chain.append(Array.from({ length: count }, () => ({ event: someEvent(given) })));
};

/** The check as in one process of the service. */
function openCheck() {
  const metrics = new Registry();
  const faults: string[] = [];
  const noted: string[] = [];
  const log = createLogger('logging', 'info', {
    write(line) {
      const { event, reason, count } = JSON.parse(line) as Record<string, string>;
      if (event === 'audit.chain_broken') faults.push(`${String(reason)} ${String(count)}`);
    },
  });
  const securityLog = { note: ({ type }: { type: string }) => void noted.push(type) };
  const report = openBrokenReports({ securityLog, log, metrics });
  const run = checkFully({ ...store, chain: store.writer(), report, perRun, log, metrics });
  const value = async (name: string) =>
    (await metrics.getSingleMetric(name)?.get())?.values[0]?.value;
  return {
    run,
    faults,
    noted,
    broken: () => value('mysmtp_audit_chain_broken'),
    age: () => value('mysmtp_audit_full_check_age_seconds'),
    /** Runs until a check that begins now has reached the end of the chain. */
    async whole() {
      const ended = await positions(true);
      for (let runs = 0; runs < 20; runs += 1) {
        await run();
        if ((await positions(true)) > ended) return;
      }
      throw new Error('The check does not end');
    },
  };
}

/** How many positions were saved. */
async function positions(onlyFull = false): Promise<number> {
  let count = 0;
  for await (const entry of store.entries.find({ type: 'chain_checked' })) {
    const content = await store.opener.content(entry).catch(() => undefined);
    if (content?.state !== 'shown') continue;
    const { checked } = JSON.parse(content.payload) as { checked: { isFull: boolean } };
    if (!onlyFull || checked.isFull) count += 1;
  }
  return count;
}

async function entryAt(seq: number): Promise<StoredEntry> {
  const found = await store.entries.findOne({ _id: seq });
  if (found === null) throw new Error(`There is no entry ${String(seq)}`);
  return found;
}

const attacks: readonly [string, () => Promise<unknown>, string[]][] = [
  [
    'its content is replaced by that of another entry',
    async () => {
      const { sealed } = await entryAt(3);
      await store.entries.updateOne({ _id: 2 }, { $set: { sealed: sealed ?? Buffer.alloc(0) } });
    },
    ['commitment 2'],
  ],
  [
    'its content is moved to another tenant',
    () => store.entries.updateOne({ _id: 2 }, { $set: { tenant: 'tenant-2' } }),
    ['commitment 2'],
  ],
  [
    'its content is no longer anything that could be sealed',
    () => store.entries.updateOne({ _id: 2 }, { $set: { sealed: Buffer.from('x') } }),
    ['commitment 2'],
  ],
  [
    'its content is deleted',
    () => store.entries.updateOne({ _id: 2 }, { $unset: { sealed: '' } }),
    ['unexplained_deletion 2'],
  ],
  ['it is removed', () => store.entries.deleteOne({ _id: 2 }), ['gap 3']],
  // The second portion begins with this entry.
  ['it is removed between two portions', () => store.entries.deleteOne({ _id: 5 }), ['gap 6']],
  [
    'it changes places with the next one',
    async () => {
      const [second, third] = [await entryAt(2), await entryAt(3)];
      await store.entries.deleteMany({ _id: { $in: [2, 3] } });
      await store.entries.insertMany([
        { ...third, _id: 2 },
        { ...second, _id: 3 },
      ]);
    },
    ['link 2', 'mac 2', 'link 3', 'mac 3', 'link 4'],
  ],
];

test.each(attacks)('an old entry that was checked is found: %s', async (_, attack, expected) => {
  await add(10);
  const check = openCheck();
  store.clock.time += day;
  await check.whole();
  expect(check.faults).toEqual([]);
  const end = await endOfChain(store.entries);
  await attack();
  // What the check every five minutes reads.
  expect((await checkChain(store, end)).findings).toEqual([]);
  store.clock.time += day;
  await check.whole();
  expect(check.faults).toEqual(expected);
  expect(check.noted).toContain('chain_broken');
  expect(await check.broken()).toBe(1);
});

test('an erased tenant, an event of a fenced one and expired contents are no finding, in whatever portion they are explained', async () => {
  for (let n = 0; n < 3; n += 1) {
    await add(2);
    await add(1, { tenant: 'tenant-2' });
    await add(1, { type: 'sign_in' });
  }
  await erasePayloads({ ...store, chain }, { erasure: 'one', tenant: 'tenant-2' }, async () => {});
  const subject = { kind: 'tenant', tenant: 'tenant-2' } as const;
  await store.guard.apply({ erasure: 'one', subject });
  await add(6, { tenant: 'tenant-2' });
  const expire = expirePayloads({ ...store, chain, metrics: new Registry() });
  const check = openCheck();
  for (const days of [1, 184, 183]) {
    store.clock.time += days * day;
    await expire();
    await add(2);
    await check.whole();
  }
  const without = await store.entries.countDocuments({ sealed: { $exists: false } });
  expect(without).toBeGreaterThan(18);
  expect(check.faults).toEqual([]);
  expect(await check.broken()).toBe(0);
});

test('another process continues at the saved position, and one checks at a time', async () => {
  await add(10);
  store.clock.time += day - 1;
  const first = openCheck();
  await first.run();
  expect(await positions()).toBe(0);
  expect(await first.age()).toBe((day - 1) / 1_000);
  store.clock.time += 1;
  await first.run();
  expect(await positions()).toBe(0);
  store.clock.time += hour;
  await first.run();
  expect(await positions()).toBe(1);

  await store.entries.updateOne({ _id: 2 }, { $unset: { sealed: '' } });
  const second = openCheck();
  store.clock.time += hour;
  await second.run();
  expect(await positions()).toBe(1);
  store.clock.time += hour;
  await second.run();
  expect(await positions(true)).toBe(1);
  await first.run();
  expect(await second.age()).toBe((day + 3 * hour) / 1_000);
  await second.run();
  expect([await first.age(), await second.age()]).toEqual([0, 0]);
  expect([...first.faults, ...second.faults]).toEqual([]);

  store.clock.time += day;
  await second.whole();
  expect(second.faults).toEqual(['unexplained_deletion 2']);
});

test('a saved position that was changed is not used', async () => {
  await add(10);
  const check = openCheck();
  store.clock.time += day;
  await check.whole();
  const { _id: seq } = await entryAt(11);
  const { sealed } = await entryAt(10);
  await store.entries.updateOne({ _id: seq }, { $set: { sealed: sealed ?? Buffer.alloc(0) } });
  const again = openCheck();
  await again.whole();
  expect(again.faults).toEqual(['commitment 11']);
});
