import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { certificateType, type Certificate } from '@mysmtp/contracts';
import { eventually, startPeer, type Peer } from '@mysmtp/test-kit';
import { CompactSign, decodeJwt, decodeProtectedHeader, generateKeyPair } from 'jose';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyDocument } from '../09-tenant-erased/documents.ts';
import { searchDocuments, searchFiles } from '../09-tenant-erased/search.ts';
import { usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { newCustomer, type Customer } from '../kit/customers.ts';
import { databaseOf } from '../kit/databases.ts';
import {
  askErasure,
  certificateKeys,
  erasureReaches,
  expectEveryStoreOnce,
  verifyCertificate,
  type Asked,
  type Erasure,
} from '../kit/erasures.ts';
import { scenarioStack } from '../kit/stack.ts';

const person = 'Katharina.Vogelsang@kundin-vogelsang.example';
const another = 'ernst.ohneland@kunde-ohneland.example';

/** While false, every RCPT is answered 451. */
let accepts = true;
let peer: Peer;
let folder: string;
const customers: Customer[] = [];
let asked: Asked;
let erasure: Erasure;
/** Blind indexes of the person at both customers, and of the other recipient at the first. */
let indexes: { readonly own: string; readonly elsewhere: string; readonly other: string };
/** Documents with these before. */
let before: Counts;
/** Replies to mail for the person, and for the other recipient, during the erasure. */
const replies: { readonly to: string; readonly text: string }[] = [];

interface Counts {
  readonly own: number;
  readonly elsewhere: number;
  readonly other: number;
}

const { description } = scenarioStack(async () => {
  peer = await startPeer({
    onRcpt: () => (accepts ? 'accept' : { code: 451, text: '4.7.1 Later' }),
  });
  return {
    smarthost: `127.0.0.1:${String(peer.port)}`,
    ownServers: true,
    env: { delivery: { RETRY_FIRST: '20s' } },
  };
});

const [first, second] = [() => customers[0]!, () => customers[1]!];
const senderOf = ({ domain }: Customer): string => `office@${domain}`;

/** The usage log of the customer: all pages. */
const rowsOf = (customer: Customer, filter: Record<string, string> = {}) =>
  usageLog({ api: description().api, tenant: { ...description().tenant, ...customer } }, filter);

async function submit(customer: Customer, to: readonly string[], size = 1_000): Promise<string> {
  const session = await eventually(() => openSession(description(), customer.credential), {
    every: 500,
  });
  const from = senderOf(customer);
  const letter = `From: <${from}>\r\nSubject: Offer\r\n\r\n${'0123456789abcdef\r\n'.repeat(size / 18)}`;
  const { text } = await session.submit(from, to, letter);
  session.quit();
  return text;
}

async function accepted(customer: Customer, to: readonly string[], size?: number): Promise<string> {
  const text = await submit(customer, to, size);
  expect(text).toMatch(/^250 /);
  return text.split(' ').at(-1) ?? '';
}

const becomes = (customer: Customer, id: string, statuses: readonly string[]) =>
  eventually(
    async () => {
      const rows = (await rowsOf(customer)).filter((row) => row.id === id);
      expect(rows.map(({ status }) => status).toSorted()).toEqual([...statuses].toSorted());
    },
    { timeout: 60_000 },
  );

/** The blind index of a recipient, as the usage log has it. */
async function indexIn(id: string): Promise<string> {
  await using client = new MongoClient(description().mongodb.url);
  const database = client.db(databaseOf(description(), 'logging'));
  for (const { name } of await database.listCollections({ name: /^messages_/ }).toArray()) {
    const row = await database.collection<{ _id: string }>(name).findOne({ _id: `${id}:0` });
    if (row !== null) return String((row as { recipientIndex?: unknown }).recipientIndex);
  }
  throw new Error(`${id} is not in the usage log`);
}

/** Documents with each index, without the ledger of erasures. */
async function count(): Promise<Counts> {
  const counts = { own: 0, elsewhere: 0, other: 0 };
  for await (const { place, octets } of everyDocument(description())) {
    if (place.startsWith('privacy.erasures')) continue;
    for (const name of ['own', 'elsewhere', 'other'] as const) {
      if (octets.includes(indexes[name])) counts[name] += 1;
    }
  }
  return counts;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mysmtp-certificate-'));
  for (const name of ['erste', 'zweite']) {
    const domain = `firma-${name}.example`;
    customers.push(await newCustomer(description(), { name, domain, owner: `chefin@${domain}` }));
  }
  const delivered = await accepted(first(), [person]);
  const elsewhere = await accepted(second(), [person]);
  const other = await accepted(first(), [another]);
  await becomes(first(), delivered, ['delivered']);
  await becomes(second(), elsewhere, ['delivered']);
  await becomes(first(), other, ['delivered']);
  indexes = {
    own: await indexIn(delivered),
    elsewhere: await indexIn(elsewhere),
    other: await indexIn(other),
  };
  accepts = false;
  await becomes(first(), await accepted(first(), [person, another]), ['deferred', 'deferred']);
  await becomes(first(), await accepted(first(), [person], 400_000), ['deferred']);
  await becomes(second(), await accepted(second(), [person]), ['deferred']);
  before = await count();

  const stop = new AbortController();
  const submitting = [person, another].map(async (to) => {
    while (!stop.signal.aborted) {
      replies.push({ to, text: await submit(first(), [to]) });
      await sleep(20);
    }
  });
  await sleep(1_000);
  asked = await askErasure(description(), first().id, person);
  erasure = await erasureReaches(description(), asked, 'completed_live');
  stop.abort();
  await Promise.all(submitting);
}, 300_000);

afterAll(async () => {
  await peer.close();
  await rm(folder, { recursive: true });
});

test('mail to the person gets 451 while it is erased, and mail to others is accepted', () => {
  const codes = (to: string) => new Set(replies.filter((one) => one.to === to).map(codeOf));
  expect([...codes(person)].toSorted()).toEqual(['250', '451 4.3.2']);
  expect([...codes(another)]).toEqual(['250']);
});

const codeOf = ({ text }: { text: string }): string =>
  text.startsWith('250') ? '250' : text.slice(0, 9);

test('nothing of the person is left at the first customer, and everything of the others is', async () => {
  // Delivered, and deferred: in the usage log and in the deferred queue.
  expect(before.own).toBeGreaterThanOrEqual(5);
  // Mail that was accepted after the fence ended is fresh. Its rows of the usage log may follow its documents.
  const now = await eventually(async () => {
    const counted = await count();
    const fresh = (await rowsOf(first(), { recipient: person })).length;
    expect(counted.own).toBeLessThanOrEqual(2 * fresh);
    return counted;
  });
  expect(now.elsewhere).toBe(before.elsewhere);
  expect(now.other).toBeGreaterThanOrEqual(before.other);
  await using client = new MongoClient(description().mongodb.url);
  const spool = client.db(databaseOf(description(), 'ingress')).collection('spool.files');
  await eventually(async () => expect(await spool.countDocuments()).toBe(0));
}, 60_000);

test('a byte search finds the address nowhere: not in documents, in files of the servers, nor in any log', async () => {
  const texts = [person, person.slice(0, person.indexOf('@')), 'kundin-vogelsang.example'];
  const { mongodb, rabbitmq, logDir } = description();
  const folders = [mongodb.dataDir, rabbitmq.dataDir, logDir].filter((one) => one !== null);
  expect(folders).toHaveLength(3);
  expect(await searchFiles(folders, texts)).toEqual([]);
  expect(await searchDocuments(description(), texts)).toEqual([]);
  // The blind index is in no log either.
  expect(await searchFiles([logDir], [indexes.own])).toEqual([]);
}, 120_000);

test('the customer sees the cancelled recipients, without an address', async () => {
  const rows = await eventually(async () => {
    const found = await rowsOf(first(), { status: 'cancelled' });
    expect(found.length).toBeGreaterThanOrEqual(2);
    return found;
  });
  expect(rows.map(({ recipient }) => recipient)).toEqual(rows.map(() => ''));
});

test('the other recipient and the other customer get their mail, nobody gets a DSN, and the address starts fresh', async () => {
  const marker = peer.received.length;
  accepts = true;
  const id = await accepted(first(), [person]);
  await becomes(first(), id, ['delivered']);
  const found = await rowsOf(first(), { recipient: person });
  expect(found.map((row) => row.id)).toContain(id);
  // The retries of what was deferred.
  await eventually(
    () => {
      const since = peer.received.slice(marker);
      const domains = (to: string) =>
        since.filter((one) => one.to.includes(to)).map(({ from }) => from.split('@')[1]);
      expect(domains(another)).toContain(first().domain);
      expect(domains(person)).toContain(second().domain);
    },
    { timeout: 90_000 },
  );
  expect(peer.received.filter(({ from }) => from === '')).toEqual([]);
  // Of the first customer's deferred mail, none reaches the person.
  const large = peer.received.slice(marker).filter(({ raw }) => raw.length > 300_000);
  expect(large).toEqual([]);
}, 120_000);

test('the public command verifies the certificate for the address, and refuses every other one', async () => {
  expectEveryStoreOnce(erasure, 'person');
  const keys = certificateKeys(description());
  const opening = (address: string, nonce = asked.nonce ?? '') => [
    '--address',
    address,
    '--nonce',
    nonce,
  ];
  const good = await verifyCertificate(folder, erasure, keys, opening(person));
  expect(good.code, good.said).toBe(0);
  expect(good.said).toContain('one address (person) in the data of one customer');
  for (const wrong of [opening(another), opening(person, 'f'.repeat(64))]) {
    expect((await verifyCertificate(folder, erasure, keys, wrong)).code).toBe(1);
  }
  const jws = erasure.certificate ?? '';
  const content = decodeJwt<Certificate>(jws);
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const forged = await new CompactSign(Buffer.from(JSON.stringify(content)))
    .setProtectedHeader({
      alg: 'EdDSA',
      typ: certificateType,
      kid: String(decodeProtectedHeader(jws).kid),
    })
    .sign(privateKey);
  const other = { ...content, receipts: content.receipts.slice(1) };
  const [header = '', , signature = ''] = jws.split('.');
  const cut = `${header}.${Buffer.from(JSON.stringify(other)).toString('base64url')}.${signature}`;
  for (const certificate of [forged, cut]) {
    const file = path.join(folder, 'forged.jws');
    await writeFile(file, certificate);
    expect((await verifyCertificate(folder, { ...erasure, certificate }, keys)).code).toBe(1);
  }
}, 120_000);
