import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import {
  accountRecords,
  orderReceiptType,
  PersonExport,
  routingKeys,
  type OrderOf,
} from '@mysmtp/contracts';
import * as scheduler from '@mysmtp/service';
import { eventually, exportedRow, watchPacedJobs, type PacedJobs } from '@mysmtp/test-kit';
import { strFromU8, unzipSync } from 'fflate';
import { CompactSign, decodeJwt, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportRetention } from '../src/exports/exports.ts';
import type { PersonRequest, Right } from '../src/rights/right.ts';
import { openRightsBench, type RightsBench } from './rights-bench.ts';

const tenant = 't1';
const address = 'asks@example.net';
let bench: RightsBench;
let jobs: PacedJobs;
const marks: OrderOf<'mark'>[] = [];
/** The people for whom logging was asked. */
const counts: string[] = [];

const row = (n: number, sender: string, recipient: string) =>
  exportedRow({ n, sender, recipient, tags: ['news'] });
const session = {
  id: 's1',
  device: 'Firefox on Linux',
  createdAt: '2026-11-24T11:00:00.000Z',
  usedAt: '2026-11-24T11:00:00.000Z',
};
const invitation = {
  id: 'c1',
  kind: 'invitation',
  address: 'colleague@example.com',
  role: 'reader',
  createdAt: '2026-11-24T11:00:00.000Z',
  expiresAt: '2026-12-01T11:00:00.000Z',
};
/** More than one part. */
const rows = [
  row(0, 'shop@example.org', address),
  row(1, address, 'other.person@example.com'),
  ...Array.from({ length: 500 }, (_, n) => row(n, 'shop@example.org', address)),
];

beforeAll(async () => {
  jobs = watchPacedJobs(scheduler);
  bench = await openRightsBench(tenant);
  const { startOther } = bench;
  await startOther('ingress', {});
  await startOther('identity', {
    gather: {
      async *'identity.sessions'({ account }) {
        if (account === 'p1') yield [session];
      },
      async *'identity.challenges'({ account }) {
        if (account === 'p1') yield [invitation];
      },
    },
  });
  await startOther('delivery', {
    mark: { 'delivery.suppressions': async (mark) => void marks.push(mark) },
  });
});
afterAll(async () => {
  jobs[Symbol.dispose]();
  await bench.close();
});

const requestOf = (kind: PersonRequest['kind'], given: Partial<PersonRequest> = {}) => ({
  id: randomUUID(),
  kind,
  tenant,
  person: 'blind-index',
  commitment: `commitment-${kind}`,
  receivedAt: new Date(bench.bench.now),
  address: async () => address,
  details: async () => ({}),
  byOwner: true,
  account: null,
  isPersonTold: false,
  ...given,
});

const done = (right: Right, request: PersonRequest) =>
  eventually(async () => {
    const progress = await right(request);
    expect(progress.state).toBe('completed');
    return progress;
  });

async function bundle(id: string) {
  const found = await bench.rights.exports.read(id);
  if (found === undefined) throw new Error('no bundle');
  const files = unzipSync(found.bundle);
  const text = (name: string) => strFromU8(files[name] ?? new Uint8Array());
  return { names: Object.keys(files), text, json: JSON.parse(text('export.json')) as PersonExport };
}

test('Access, portability (15, 20): complete only once every service has answered, with a signed receipt for each store', async () => {
  const { rights } = bench;
  const request = requestOf('access');
  const right = rights.rights.access;
  await eventually(async () => {
    expect(await right(request)).toMatchObject({ state: 'in_progress', waitingFor: ['logging'] });
  });
  // A silent service never counts as done, however long it is waited for.
  bench.bench.now += 60_000;
  expect(await right(request)).toMatchObject({ state: 'in_progress', waitingFor: ['logging'] });
  expect(await rights.exports.read(request.id)).toBeUndefined();
  await bench.startOther('logging', {
    gather: {
      async *'logging.messages'({ person }) {
        counts.push(person);
        yield person === 'blind-index' ? rows : [];
      },
    },
  });
  bench.bench.now += 60_000;
  const { receipts, download } = await done(right, request);
  expect(download).toBe(request.id);
  expect(receipts.map(({ store }) => store).sort()).toEqual([
    'delivery.deferred',
    'delivery.suppressions',
    'identity.challenges',
    'identity.credentials',
    'identity.notices',
    'identity.people',
    'identity.sessions',
    'identity.tokens',
    'logging.auditEntries',
    'logging.messages',
    'logging.restrictions',
    'privacy.consents',
    'privacy.orders',
  ]);
  for (const { jws } of receipts) {
    expect(decodeProtectedHeader(jws).typ).toBe(orderReceiptType);
    expect(decodeJwt(jws)).toMatchObject({ order: request.id, commitment: 'commitment-access' });
  }
  const { names, text, json } = await bundle(request.id);
  expect(names.sort()).toEqual([
    'export.json',
    'index.de.html',
    'index.html',
    'person-export.schema.json',
  ]);
  expect(json).toMatchObject({ v: 1, request: request.id, address, masked: false });
  expect(json.data['logging.messages']).toEqual(rows);
  expect(json.data['privacy.orders']).toMatchObject([{ id: request.id, kind: 'access' }]);
  for (const page of ['index.html', 'index.de.html']) {
    expect(text(page)).toContain('other.person@example.com');
    expect(text(page)).not.toMatch(/<script|\son\w+=|src=|href=/i);
  }
  // Again: the same bundle, without a new order.
  expect(await right(request)).toMatchObject({ state: 'completed', download: request.id });
});

test('the addresses of other people are masked unless the owner of the tenant asks', async () => {
  const request = requestOf('portability', { byOwner: false });
  await done(bench.rights.rights.portability, request);
  const { text, json, names } = await bundle(request.id);
  expect(json.masked).toBe(true);
  const [received, sent] = json.data['logging.messages'];
  expect(received).toMatchObject({ sender: 's***@example.org', recipient: address, tags: [] });
  expect(sent).toMatchObject({ sender: address, recipient: 'o***@example.com' });
  for (const name of names) expect(text(name)).not.toMatch(/other\.person|shop@/);
});

test('Access (15), A: who asks while signed in gets what belongs to the account, and the customer does not', async () => {
  const { rights, consents } = bench;
  await consents.give({ tenant, id: 'p1' }, 'product-news', 'hash of the text');
  await consents.give({ tenant, id: 'p2' }, 'product-news', 'hash of the text');
  const own = requestOf('access', { byOwner: false, account: 'p1' });
  await done(rights.rights.access, own);
  const { json, text } = await bundle(own.id);
  expect(json).toMatchObject({ account: true, masked: true });
  expect(json.data['identity.sessions']).toEqual([session]);
  expect(json.data['identity.challenges']).toEqual([
    { ...invitation, address: 'c***@example.com' },
  ]);
  expect(json.data['privacy.consents']).toMatchObject([
    { purpose: 'product-news', given: true, text: 'hash of the text' },
  ]);
  expect(text('index.html')).toContain('Firefox on Linux');
  expect(text('index.de.html')).toContain('Sitzungen');

  const byCustomer = requestOf('access');
  await done(rights.rights.access, byCustomer);
  const others = await bundle(byCustomer.id);
  expect(others.json.account).toBe(false);
  for (const store of Object.keys(accountRecords)) {
    expect(others.json.data[store as keyof typeof accountRecords], store).toEqual([]);
  }
  expect(others.text('index.html')).not.toContain('Sessions');
  // An export of an earlier release has no such lists.
  const old = Object.fromEntries(
    Object.entries(others.json.data).filter(([store]) => !(store in accountRecords)),
  );
  const { account: _, ...rest } = others.json;
  expect(PersonExport.parse({ ...rest, data: old })).toEqual(others.json);
});

test('nothing of it is in the database in clear, and after seven days neither bundle nor key is left', async () => {
  const request = requestOf('access');
  await done(bench.rights.rights.access, request);
  const { connection, vaultDir } = bench;
  const stored = async () => {
    const all = await Promise.all(
      ['orders', 'orderParts', 'exports'].map((name) =>
        connection.collection(name).find({}, { promoteBuffers: true }).toArray(),
      ),
    );
    return Buffer.concat(
      all
        .flat()
        .flatMap((document) =>
          Object.values(document).map((one) =>
            Buffer.from(Buffer.isBuffer(one) ? one : (JSON.stringify(one) ?? '')),
          ),
        ),
    ).toString('latin1');
  };
  expect(await stored()).not.toMatch(/asks@|other\.person|Your data/);
  expect(await connection.collection('orderParts').countDocuments({ order: request.id })).toBe(0);
  const kept = await connection.collection('orders').findOne({ _id: request.id as never });
  // The private half of its key pair is gone, so no copy of the parts (`enc`, `sealed`) can be opened with it.
  expect(kept).toMatchObject({
    publicKey: expect.any(String) as string,
    privateKey: null,
    asked: 1,
  });
  expect(kept?.['givenAt']).toEqual(kept?.['askedAt']);
  const chunk = await connection.collection('exports').findOne({ request: request.id });
  expect(chunk).toMatchObject({ number: 0, chunks: 1, createdAt: new Date(bench.bench.now) });
  const keys = () => readdir(path.join(vaultDir, 'exports'));
  expect(await keys()).toContain(`${request.id}.root`);
  bench.bench.now += exportRetention - 1_000;
  expect(await bench.rights.exports.read(request.id)).toBeDefined();
  bench.bench.now += 1_000;
  // At once, even if the job is late.
  expect(await bench.rights.exports.read(request.id)).toBeUndefined();
  await bench.rights.expireExports();
  expect(await keys()).toEqual([]);
  expect(await connection.collection('exports').countDocuments()).toBe(0);
  expect(await bench.rights.rights.access(request)).toMatchObject({ state: 'completed' });
});

test('a lost part, and a receipt that another service signed, do not count', async () => {
  const { rights, connection, broker, keys } = bench;
  const request = requestOf('access');
  const order = { ...request, do: 'gather' } as const;
  await rights.orders.give(order);
  const current = async () => {
    const found = await rights.orders.find(request.id);
    if (found === undefined) throw new Error('no order');
    return found;
  };
  await eventually(async () => expect(await rights.orders.missing(await current())).toEqual([]));
  await connection.collection('orderParts').deleteOne({ order: request.id, service: 'logging' });
  expect(await rights.orders.missing(await current())).toEqual(['logging']);

  // Ingress claims that delivery has nothing.
  await connection
    .collection('orders')
    .updateOne({ _id: request.id as never }, { $set: { answers: [] } });
  const ingress = await keys.as('ingress');
  const receipt = {
    order: request.id,
    do: 'gather',
    commitment: request.commitment,
    service: 'delivery',
    stores: [
      {
        store: 'delivery.deferred',
        count: 0,
      },
      {
        store: 'delivery.suppressions',
        count: 0,
      },
    ],
    run: randomUUID(),
    parts: 0,
    at: new Date().toISOString(),
  };
  const key = JSON.parse(await readFile(keys.keyFile('ingress'), 'utf8')) as JWK;
  const jws = await new CompactSign(Buffer.from(JSON.stringify(receipt)))
    .setProtectedHeader({ alg: 'EdDSA', typ: orderReceiptType, kid: 'delivery' })
    .sign(await importJWK(key, 'EdDSA'));
  const said = { v: 1, kind: 'receipt', order: request.id, service: 'delivery', jws } as const;
  const before = (await current()).answers.length;
  await broker.say('ingress', {
    key: routingKeys.orderAnswer('ingress'),
    content: await ingress.sign('orderAnswer', said),
  });
  // What is asked again is answered, and nothing that ingress said is among it.
  bench.bench.now += 60_000;
  await eventually(async () => {
    await rights.orders.resend(await current());
    bench.bench.now += 60_000;
    expect(await rights.orders.missing(await current())).toEqual([]);
  });
  expect(before).toBe(0);
  expect((await current()).answers.map((answered) => answered.jws)).not.toContain(jws);
  await rights.orders.complete(await current());
});

test('Objection (21): an order to delivery, and complete when it has answered; a new order wakes the job, which completes it too', async () => {
  const request = requestOf('objection');
  await done(bench.rights.rights.objection, request);
  const ofRequest = marks.filter(({ order }) => order === request.id);
  expect(ofRequest).toMatchObject([
    { tenant, person: 'blind-index', ground: 'objection', exists: true },
  ]);
  const other = requestOf('objection');
  const wanted = { do: 'mark', ground: 'objection', exists: true } as const;
  await jobs.whileIdle('advance-orders', async () => {
    await bench.rights.orders.give({ ...other, ...wanted });
    await eventually(async () => {
      expect((await bench.rights.orders.find(other.id))?.completedAt).not.toBeNull();
    });
  });
});

test('Restriction (18): in delivery and in logging; lifted only after the person was told', async () => {
  const right = bench.rights.rights.restriction;
  await done(right, requestOf('restriction'));
  expect(marks.at(-1)).toMatchObject({ ground: 'restriction', exists: true });
  const lifting = requestOf('restriction', { details: async () => ({ lift: true }) });
  expect(await right(lifting)).toMatchObject({
    state: 'in_progress',
    waitingFor: ['the notice to the person'],
  });
  await done(right, { ...lifting, isPersonTold: true });
  expect(marks.at(-1)).toMatchObject({ ground: 'restriction', exists: false });
});

test('an order that is not in the ledger is not executed', async () => {
  const forged = {
    v: 1,
    do: 'mark',
    order: randomUUID(),
    tenant,
    person: 'blind-index',
    commitment: 'none',
    ground: 'objection',
    exists: false,
  } as const;
  const privacy = await bench.keys.as('privacy');
  await bench.broker.say('privacy', {
    key: routingKeys.order('delivery'),
    content: await privacy.sign('order', forged),
    mandatory: true,
  });
  // A later order is executed after it.
  await done(bench.rights.rights.objection, requestOf('objection'));
  expect(marks.map(({ order }) => order)).not.toContain(forged.order);
});

test('the tenants that hold an address are found by counts alone: nothing is gathered', async () => {
  const asked = { id: randomUUID(), address, commitment: 'of-the-parent' };
  const found = await eventually(async () => {
    const { holders, waitingFor } = await bench.rights.holders(asked, [tenant]);
    expect(waitingFor).toEqual([]);
    return holders;
  });
  // The stores of the test know one blind index, and it is not that of this address.
  expect(found).toEqual([]);
  const counting = await bench.connection.collection('orders').findOne({ kind: 'count' });
  expect(counting).toMatchObject({ publicKey: null, do: 'gather', tenant });
  const parts = { order: String(counting?.['_id']) };
  expect(await bench.connection.collection('orderParts').countDocuments(parts)).toBe(0);
  expect(counts).toContainEqual(expect.not.stringContaining('@') as string);
});
