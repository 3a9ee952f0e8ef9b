import { beforeFirst, digestOf } from '@mysmtp/audit';
import { internalApis, reader, type AuditHead, type SecurityEvent } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openBrokenReports } from '../src/audit/broken.ts';
import { erasePayloads } from '../src/audit/erase.ts';
import { entryOf } from '../src/audit/store.ts';
import type { ChainWriter } from '../src/audit/writer.ts';
import { signHeads } from '../src/jobs/audit-chain.ts';
import { expirePayloads } from '../src/jobs/audit-retention.ts';
import { openAuditStore, someEvent } from './audit-store.ts';

const day = 86_400_000;

let store: Awaited<ReturnType<typeof openAuditStore>>;
const opened: (typeof store)[] = [];

beforeEach(async () => {
  store = await openAuditStore();
  opened.push(store);
});
afterAll(async () => {
  for (const one of opened) await one.close();
});

const add = (chain: ChainWriter, ...events: SecurityEvent[]) =>
  chain.append(events.map((event) => ({ event })));

const stored = () => store.entries.find().sort({ _id: 1 }).toArray();

const some = (count: number, given: Partial<SecurityEvent> = {}) =>
  Array.from({ length: count }, () => someEvent(given));

test('events are chained in order, sealed, each once although it arrives twice', async () => {
  const chain = store.writer();
  const events = some(5);
  expect(await add(chain, ...events)).toBe(true);
  await Promise.all([add(chain, ...events), add(store.writer(), ...events, someEvent())]);
  const entries = await stored();
  expect(entries.map(({ _id }) => _id)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(entries.slice(0, 5).map(({ event }) => event)).toEqual(events.map(({ id }) => id));
  expect(entries[0]?.prev).toBe(beforeFirst.digest);
  const [first] = entries;
  if (first === undefined) throw new Error('There is no entry');
  expect(JSON.stringify(first)).not.toContain('person-1');
  const content = await store.opener.content(first);
  expect(content).toMatchObject({ state: 'shown' });
  if (content.state === 'shown') {
    expect(JSON.parse(content.payload)).toMatchObject({ actor: { id: 'person-1' } });
  }
  expect(await store.faults()).toEqual([]);
});

test('several processes write one chain without a gap or a fork', async () => {
  const writers = [store.writer(), store.writer(), store.writer()];
  await Promise.all(
    Array.from({ length: 30 }, (_, n) => writers[n % 3]).flatMap((writer) =>
      writer === undefined ? [] : add(writer, ...some(3)),
    ),
  );
  expect(await store.entries.countDocuments()).toBe(90);
  expect(await store.faults()).toEqual([]);
});

test('what somebody with the database changes is found: content, an entry, the order, the front, the tail', async () => {
  const chain = store.writer();
  await add(chain, ...some(6));
  const [, second, third] = await stored();
  if (second === undefined || third === undefined) throw new Error('Entries are missing');
  await store.entries.updateOne({ _id: 2 }, { $unset: { sealed: '' } });
  expect(await store.faults()).toEqual(['unexplained_deletion 2']);
  await store.entries.replaceOne({ _id: 2 }, { ...second, type: 'sign_in' });
  expect(await store.faults()).toEqual(['mac 2', 'link 3']);
  await store.entries.deleteMany({ _id: { $in: [2, 3] } });
  await store.entries.insertMany([
    { ...third, _id: 2 },
    { ...second, _id: 3 },
  ]);
  expect(await store.faults()).toEqual(['link 2', 'mac 2', 'link 3', 'mac 3', 'link 4']);
  await store.entries.deleteMany({ _id: { $lte: 3 } });
  expect(await store.faults()).toEqual(['front 4']);
});

test('an erasure deletes the content of a tenant, the chain says so and stays valid', async () => {
  const chain = store.writer();
  for (let n = 0; n < 4; n += 1) {
    await add(chain, someEvent(), someEvent({ tenant: 'tenant-2', client: 'c2VhbGVk' }));
  }
  let removed = 0;
  await erasePayloads(
    { ...store, chain },
    { erasure: 'erasure-1', tenant: 'tenant-2' },
    async (count) => void (removed += count),
  );
  expect(removed).toBe(4);
  const entries = await stored();
  expect(entries).toHaveLength(9);
  const gone = entries.filter(({ sealed }) => sealed === undefined);
  expect(gone.map(({ _id }) => _id)).toEqual([2, 4, 6, 8]);
  for (const entry of gone) {
    expect(Object.keys(entry).toSorted()).toEqual(
      ['_id', 'commitment', 'event', 'keyId', 'mac', 'prev', 'time', 'type'].toSorted(),
    );
  }
  expect(entries.at(-1)?.type).toBe('payload_erased');
  expect(await store.faults()).toEqual([]);
});

test('an event of a fenced tenant is chained without its content, counted and explained', async () => {
  const chain = store.writer();
  await store.guard.apply({
    erasure: 'erasure-1',
    subject: { kind: 'tenant', tenant: 'tenant-2' },
  });
  await add(chain, someEvent(), ...some(2, { tenant: 'tenant-2' }), someEvent());
  const entries = await stored();
  expect(entries.map(({ sealed }) => sealed !== undefined)).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
  expect(entries.some(({ tenant }) => tenant === 'tenant-2')).toBe(false);
  expect(store.dropped).toEqual(new Map([['erasure-1', 2]]));
  expect(await store.faults()).toEqual([]);
});

test('full addresses are deleted after 7 days, content after 6 or 12 months by its class; the chain stays valid', async () => {
  const chain = store.writer();
  const metrics = new Registry();
  const expire = expirePayloads({ ...store, chain, metrics });
  await add(chain, someEvent({ client: 'c2VhbGVk' }), someEvent({ type: 'sign_in' }));
  expect((await stored())[0]).toMatchObject({
    tenant: 'tenant-1',
    clientUntil: store.clock.time + 7 * day,
  });
  const has = async () =>
    (await stored()).slice(0, 2).map(({ sealed, client }) => [sealed, client].map(Boolean));

  store.clock.time += 7 * day - 1;
  await expire();
  expect(await has()).toEqual([
    [true, true],
    [true, false],
  ]);
  store.clock.time += 1;
  await expire();
  expect((await has())[0]).toEqual([true, false]);

  store.clock.time += 177 * day;
  await expire();
  expect((await has()).map(([content]) => content)).toEqual([true, false]);
  store.clock.time += 183 * day;
  await expire();
  await expire();
  expect((await has()).map(([content]) => content)).toEqual([false, false]);
  const types = (await stored()).map(({ type }) => type);
  expect(types).toEqual(['act', 'sign_in', 'payload_expired', 'payload_expired']);
  expect(await store.faults()).toEqual([]);
});

/** Privacy as it answers, with the heads that it keeps. */
function privacyOf(kept: AuditHead[]) {
  const client = {
    async call(api: unknown, request: { jws?: string }) {
      expect(api).toBe(internalApis.keepAuditHead);
      if (request.jws !== undefined) {
        const head: unknown = JSON.parse(Buffer.from(request.jws, 'latin1').toString());
        kept.push(head as AuditHead);
      }
      return reader(internalApis.keepAuditHead.response).parse({
        result: request.jws === undefined ? 'none' : 'kept',
        head: kept.at(-1) ?? null,
      });
    },
  };
  return client as unknown as ServiceClient;
}

test('the end of the chain is given to privacy every five minutes, and a chain that was changed since is noticed', async () => {
  const chain = store.writer();
  const metrics = new Registry();
  const kept: AuditHead[] = [];
  const lines: string[] = [];
  const noted: (string | null | undefined)[] = [];
  const deps = {
    ...store,
    securityLog: {
      note: ({ type, reason }: { type: string; reason?: string | null }) =>
        void noted.push(`${type} ${String(reason)}`),
    },
    log: createLogger('logging', 'info', { write: (line) => void lines.push(line) }),
    privacy: privacyOf(kept),
    signed: {
      sign: async (_: string, payload: unknown) => Buffer.from(JSON.stringify(payload)),
    } as never,
  };
  const sign = signHeads({ ...deps, report: openBrokenReports({ ...deps, metrics }) });
  const broken = async () =>
    (await metrics.getSingleMetric('mysmtp_audit_chain_broken')?.get())?.values[0]?.value;

  await sign();
  expect(kept).toEqual([]);
  await add(chain, ...some(3));
  store.clock.time += 5 * 60_000;
  await sign();
  await sign();
  expect(kept.map(({ seq }) => seq)).toEqual([3]);
  const [last] = (await stored()).slice(-1);
  expect(kept[0]?.digest).toBe(last === undefined ? '' : digestOf(entryOf(last)));
  await add(chain, ...some(2));
  store.clock.time += 5 * 60_000;
  await sign();
  expect(kept.map(({ seq }) => seq)).toEqual([3, 5]);
  expect(await broken()).toBe(0);
  expect(noted).toEqual([]);

  // The tail is cut, and the chain is continued.
  await store.entries.deleteMany({ _id: { $gt: 3 } });
  await add(store.writer(), ...some(4));
  store.clock.time += 5 * 60_000;
  await sign();
  expect(await broken()).toBe(1);
  expect(noted).toContain('chain_broken head');
  const faults = lines.filter((line) => line.includes('audit.chain_broken'));
  expect(faults.map((line) => (JSON.parse(line) as { reason: string }).reason)).toContain('head');
});
