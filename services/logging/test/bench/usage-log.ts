import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import {
  attemptRecord,
  dayKeyId,
  detailsRecord,
  finalRevision,
  newMessageId,
  type KeyId,
  type MessageEvent,
  type Status,
} from '@mysmtp/contracts';
import { createTenantGuard } from '@mysmtp/erasure';
import { createLogger } from '@mysmtp/log';
import { addressIndex, domainIndex, sealJson, tagIndex } from '@mysmtp/seal';
import { createTenants, type TenantScope } from '@mysmtp/tenancy';
import mongoose from 'mongoose';
import { Registry } from 'prom-client';
import { exportMessages } from '../../src/api/export-messages.ts';
import { openDayCollections } from '../../src/messages/day-collections.ts';
import { createRowOpener } from '../../src/messages/open-rows.ts';
import { rowOf } from '../../src/messages/row.ts';
import { createUsageLog, type Filter } from '../../src/messages/usage-log.ts';
import { writeRows } from '../../src/messages/write-rows.ts';
import { openRetentions } from '../../src/retention/retentions.ts';

/**
 * The usage log of one tenant with many rows of one day: how long a page takes with each filter, and an export
 * of all. It runs the code of the service on a database that `npm run bench -- usage-log` starts, without
 * HTTP and without the other services. Prints a line of JSON for each result.
 */
const [url = '', count = '1000000'] = process.argv.slice(2);
const rows = Number(count);
const rowsPerWrite = 2_000;
const pagesPerFilter = 60;
const day = 86_400_000;

const tenant = randomUUID();
const keys = new Map<KeyId, ReturnType<typeof createSecretKey>>();
function keyOf(id: KeyId) {
  let key = keys.get(id);
  if (key === undefined) keys.set(id, (key = createSecretKey(randomBytes(32))));
  return key;
}

const connection = await mongoose.createConnection(url).asPromise();
const days = openDayCollections(connection);
// Yesterday: all rows are in one collection.
const start = Date.now() - (Date.now() % day) - day;
const clock = { now: () => Date.now() };
const log = createLogger('logging', 'error');
const scopeOf = (): TenantScope => ({
  tenant,
  keys: () => {
    throw new Error('Nothing is sealed here');
  },
  key: (id) => Promise.resolve(keyOf(id)),
});
const tenants = createTenants(
  createTenantGuard(() => true),
  scopeOf,
);

const say = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`);
const octets = () => Math.round(process.memoryUsage.rss() / 1024 ** 2);

const index = keyOf('index');
const names = (count: number, make: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n));
const senders = names(20, (n) => `sender-${String(n)}@shop.example`);
const recipientDomains = names(5_000, (n) => `domain-${String(n)}.example`);
/** Many to a few large providers, some to each of many others. */
const domainOf = (n: number) =>
  recipientDomains[n % 3 === 0 ? n % recipientDomains.length : n % 10] ?? '';
const credentials = [randomUUID(), randomUUID()] as const;
const domainIndexes = new Map(recipientDomains.map((name) => [name, domainIndex(index, name)]));
const senderIndexes = new Map(senders.map((name) => [name, addressIndex(index, name)]));
const senderDomainIndex = domainIndex(index, 'shop.example');
const tags = { frequent: tagIndex(index, 'news'), rare: tagIndex(index, 'order-1') } as const;

function statusOf(n: number): Status {
  if (n % 50 === 7) return 'bounced';
  return n % 50 === 9 ? 'deferred' : 'delivered';
}

function eventOf(n: number): MessageEvent {
  const at = Math.floor(start + (day * n) / rows);
  const id = newMessageId(at);
  const keyId = dayKeyId('events', at);
  const sender = senders[n % senders.length] ?? '';
  const domain = domainOf(n);
  const recipient = `recipient-${String(n % 100_000)}@${domain}`;
  const seal = (record: string, value: unknown) =>
    sealJson(keyOf(keyId), { tenant, keyId, record }, value).toString('base64');
  const status = statusOf(n);
  const attempt = {
    at: new Date(at).toISOString(),
    site: `mx.${domain}`,
    tlsVersion: 'TLSv1.3',
    reply: '250 2.0.0 OK',
    enhancedCode: '2.0.0',
  };
  return {
    id,
    n: 0,
    tenant,
    rev: finalRevision,
    status,
    acceptedAt: at,
    nextAttemptAt: null,
    senderIndex: senderIndexes.get(sender) ?? '',
    senderDomainIndex,
    recipientIndex: addressIndex(index, recipient),
    recipientDomainIndex: domainIndexes.get(domain) ?? '',
    credential: credentials[n % 10 === 0 ? 1 : 0],
    ...(n % 2 === 0 && {
      tagIndexes: n % 10_000 === 0 ? [tags.frequent, tags.rare] : [tags.frequent],
    }),
    ...(status !== 'delivered' && { lastReply: status === 'bounced' ? '5xx' : '4xx' }),
    details: seal(detailsRecord(id, 0), {
      sender,
      recipient,
      messageId: `<${String(n)}@shop.example>`,
    }),
    attempts: [seal(attemptRecord(id, 0, 0), attempt)],
  };
}

async function fill(): Promise<void> {
  const began = performance.now();
  for (let from = 0; from < rows; from += rowsPerWrite) {
    const length = Math.min(rowsPerWrite, rows - from);
    const fresh = Array.from({ length }, (_, n) => rowOf(eventOf(from + n)));
    await writeRows(days, { fresh, inserted: [] });
  }
  say({ filled: rows, seconds: Math.round((performance.now() - began) / 1_000) });
}

const filters: Readonly<Record<string, Omit<Filter, 'limit'>>> = {
  none: {},
  'status delivered': { status: 'delivered' },
  'status bounced': { status: 'bounced' },
  sender: { sender: senders[3] },
  recipient: { recipient: `recipient-${String(3)}@${domainOf(3)}` },
  'sender domain': { senderDomain: 'shop.example' },
  'frequent recipient domain': { recipientDomain: recipientDomains[1] },
  'rare recipient domain': { recipientDomain: recipientDomains[4_998] },
  'frequent tag': { tag: 'news' },
  'rare tag': { tag: 'order-1' },
  'unknown tag': { tag: 'nothing' },
  credential: { credential: credentials[1] },
  'class 5xx': { lastReply: '5xx' },
  'frequent tag and domain': { tag: 'news', recipientDomain: recipientDomains[2] },
  'frequent tag, status bounced': { tag: 'news', status: 'bounced' },
  // An odd number has no tag, and 7 is odd.
  'filters that never meet': { tag: 'news', recipientDomain: recipientDomains[7] },
  'four filters': {
    tag: 'news',
    senderDomain: 'shop.example',
    credential: credentials[0],
    status: 'delivered',
  },
};

const usageLog = createUsageLog({
  days,
  tenants,
  opener: createRowOpener({ tenants, log, metrics: new Registry() }),
  restrictions: { of: () => Promise.resolve(new Set<string>()) },
  retentions: await openRetentions(connection, { usual: 7 * day, clock }),
  clock,
});

const part = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);

async function measurePages(): Promise<void> {
  for (const [name, filter] of Object.entries(filters)) {
    const times: number[] = [];
    let found = 0;
    for (let n = 0; n < pagesPerFilter; n += 1) {
      // From the newest row, and from anywhere in the day.
      const before = n % 2 === 0 ? start + day : start + Math.floor(day * Math.random());
      const began = performance.now();
      const page = await usageLog.page(tenant, { ...filter, before, limit: 50 });
      times.push(performance.now() - began);
      found += page.rows.length;
    }
    times.sort((a, b) => a - b);
    const rowsPerPage = Math.round(found / pagesPerFilter);
    say({ filter: name, p50: part(times, 0.5), p99: part(times, 0.99), rowsPerPage });
  }
}

async function measureExport(): Promise<void> {
  const began = performance.now();
  const rss = [octets()];
  const request = { query: { format: 'jsonl' }, principal: { tenant } };
  const { body } = (await exportMessages(usageLog, log)(request as never)) as {
    body: { chunks: AsyncIterable<string> };
  };
  let lines = 0;
  let sampled = 0;
  for await (const chunk of body.chunks) {
    lines += chunk.split('\n').length - 1;
    if (lines - sampled < rows / 10) continue;
    sampled = lines;
    rss.push(octets());
  }
  const seconds = Math.round((performance.now() - began) / 1_000);
  say({ exported: lines - 1, seconds, rssMiB: rss });
}

await fill();
await measurePages();
await measureExport();
await connection.close();
