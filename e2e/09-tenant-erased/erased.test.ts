import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createSecretKey } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { publishedKeysPath, serviceNames } from '@mysmtp/contracts';
import { open, SealError } from '@mysmtp/seal';
import { eventually, type Peer } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../kit/api.ts';
import { audit } from '../kit/audit.ts';
import { openSession } from '../kit/client.ts';
import { newCustomer, type Customer } from '../kit/customers.ts';
import {
  askErasure,
  certificateKeys,
  erasureReaches,
  expectEveryStoreOnce,
  verifyCertificate,
  type Asked,
  type Erasure,
} from '../kit/erasures.ts';
import { startLoad, type Sent } from '../kit/load.ts';
import { deliveredTo } from '../kit/maildir.ts';
import { scenarioStack } from '../kit/stack.ts';
import { entitiesOf, entityStores, everyDocument, wrappedKey } from './documents.ts';
import { sendOfEveryKind, startReceiver } from './mail.ts';
import { searchDocuments, searchFiles, type Hit } from './search.ts';
import { ascii, secrets, secretTexts } from './secrets.ts';

let peer: Peer;
let folder: string;
let customer: Customer;
let asked: Asked;
let erasure: Erasure;
/** Its key as the database had it, wrapped, at the start. */
let wrapped: string;
/** Ids of the messages that it sent before. */
let messages: readonly string[];
/** The positions of these ids in RabbitMQ's files right after sending. */
let inBroker: readonly Hit[];
/** The number of its domains, credentials and tokens, by store. */
let entities: ReadonlyMap<string, number>;
/** The messages of the other customer during the erasure. */
let others: readonly Sent[];
/** The answers to the erased customer after the certificate. */
let late: readonly Sent[];

const { description } = scenarioStack(async () => {
  peer = await startReceiver();
  return { smarthost: `127.0.0.1:${String(peer.port)}`, ownServers: true };
});

/** The folders of the processes of this stack, without external servers. */
const existing = (...folders: (string | null)[]) => folders.filter((folder) => folder !== null);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mysmtp-certificate-'));
  customer = await newCustomer(description(), {
    name: secrets.name,
    domain: secrets.domain,
    owner: secrets.owner,
  });
  await call(`${description().api.identity}/v1/credentials`, customer.ownerToken, {
    body: { label: secrets.label },
  });
  // So many that, if identity purges first, the others get some changes before they have purged all.
  for (let count = 0; count < 40; count += 1) {
    await call(`${description().api.identity}/v1/tokens`, customer.ownerToken, { body: {} });
  }
  entities = await eventually(async () => {
    const found = await entitiesOf(description(), customer.id);
    // Its owner's token, and the tenant.
    for (const store of ['logging.identityProjection', 'privacy.identityProjection']) {
      expect(found.get(store), store).toBe(42);
    }
    return found;
  });
  messages = await sendOfEveryKind(description(), customer);
  // The DSN about the refused message.
  await eventually(() => expect(peer.received.some(({ from }) => from === '')).toBe(true));
  inBroker = await searchFiles(existing(description().rabbitmq.dataDir), [
    ...messages,
    customer.id,
  ]);
  wrapped = await wrappedKey(description(), customer.id);

  // It continues to send while it is erased, and so does another customer.
  const own = startLoad(description(), {
    sessions: 4,
    // Fewer attempts than the limit of failed authentications: the refusals are those of the credential.
    again: 30_000,
    as: { ...customer.credential, from: secrets.sender },
    recipients: () => [ascii(secrets.recipient)],
  });
  const other = startLoad(description(), { sessions: 4, pause: 20 });
  await sleep(2_000);
  asked = await askErasure(description(), customer.id);
  erasure = await erasureReaches(description(), asked, 'completed_live');
  const completedAt = Date.now();
  await sleep(1_000);
  late = (await own.stop()).filter(({ at }) => at > completedAt);
  others = await other.stop();
}, 300_000);

afterAll(async () => {
  await peer.close();
  await rm(folder, { recursive: true });
});

test('Erasure (Art 17): the certificate verifies, names every store once, and is about this customer', async () => {
  expectEveryStoreOnce(erasure);
  const { code, said } = await verifyCertificate(folder, erasure, certificateKeys(description()), [
    '--tenant',
    customer.id,
    '--nonce',
    asked.nonce ?? '',
  ]);
  expect(code, said).toBe(0);
  // The keys of the other services are not taken from privacy alone.
  const own = serviceNames.flatMap((name) => [
    '--keys',
    description().api[name] + publishedKeysPath,
  ]);
  const checked = await verifyCertificate(folder, erasure, certificateKeys(description()), own);
  expect(checked.code, checked.said).toBe(0);
  const removed = new Map(erasure.receipts.map(({ store, deleted }) => [store, deleted]));
  // Two deferred messages and the canary; all rows of the log; the waiting large ones.
  expect(removed.get('delivery.deferred')).toBeGreaterThanOrEqual(3);
  expect(removed.get('logging.messages')).toBeGreaterThanOrEqual(6);
  expect(removed.get('ingress.spool.files')).toBeGreaterThanOrEqual(2);
  const changed = { ...erasure, certificate: (erasure.certificate ?? '').replace(/\.(.)/, '.A') };
  expect((await verifyCertificate(folder, changed, certificateKeys(description()))).code).toBe(1);
}, 60_000);

test('receipts have the numbers that were counted in the databases before', () => {
  const told = new Map(erasure.receipts.map((receipt) => [receipt.store, receipt]));
  for (const [store, planted] of Object.entries(entityStores)) {
    const count = (entities.get(store) ?? 0) + planted;
    expect(told.get(store), store).toMatchObject({
      matched: count,
      matchedBy: 'search',
      deleted: count,
    });
  }
});

test('no 250 after the fence, and later answers are as if it had never existed', async () => {
  expect(late.length).toBe(0);
  const refusal = async (credential: { username: string; password: string }) =>
    openSession(description(), credential).then(
      () => 'accepted',
      (error: { response?: string }) => error.response,
    );
  const unknown = { username: 'mys_aaaaaaaaaaaaaaaa', password: 'b'.repeat(32) };
  const reply = await refusal(customer.credential);
  expect(reply).toMatch(/^535 /);
  expect(reply).toBe(await refusal(unknown));

  for (const url of [
    `${description().api.logging}/v1/messages`,
    `${description().api.identity}/v1/domains`,
    `${description().api.delivery}/v1/domains/x/dkim`,
  ]) {
    const own = await call(url, customer.ownerToken);
    expect(own.status, url).toBe(401);
    expect(own).toEqual(await call(url, `mysmtp_${'x'.repeat(43)}`));
  }
});

test('the other customer has lost nothing', async () => {
  const accepted = others.filter(({ answer }) => answer.code === 250);
  expect(others.filter(({ answer }) => answer.code !== 250)).toEqual([]);
  expect(accepted.length).toBeGreaterThan(50);
  await eventually(
    () => {
      const result = audit(others, ofOthers());
      expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0, duplicates: 0 });
    },
    { timeout: 60_000 },
  );
}, 90_000);

/** The mail of the other customer that the receiver got. */
const ofOthers = () => {
  const ids = new Set(others.map(({ id }) => id));
  return deliveredTo(peer.received).filter(({ id }) => id !== undefined && ids.has(id));
};

test('no sender gets a DSN: mail in flight is cancelled, not bounced', () => {
  const dsns = peer.received.filter(({ from }) => from === '');
  // The DSN about the mail that was refused before.
  expect(dsns.length).toBe(1);
});

test('a byte search finds nothing: not in documents, in files of the servers, nor in any log', async () => {
  const { mongodb, rabbitmq, logDir } = description();
  const folders = existing(mongodb.dataDir, rabbitmq.dataDir, logDir);
  expect(folders.length).toBe(3);
  expect(await searchFiles(folders, secretTexts)).toEqual([]);
  expect(await searchDocuments(description(), secretTexts)).toEqual([]);
}, 120_000);

test('the same search finds ids, which may stay: the searched files did contain data of the customer', async () => {
  // In the broker's files right after sending: RabbitMQ removes consumed messages file by file.
  expect(new Set(inBroker.map(({ text }) => text))).toEqual(new Set([...messages, customer.id]));
  const now = await searchFiles(existing(description().logDir), [customer.id]);
  const names = now.map(({ place }) => path.basename(place));
  expect(names).toEqual(expect.arrayContaining(serviceNames.map((name) => `${name}.log`)));
}, 60_000);

test('the databases contain only ids of the customer: tombstones and the ledger', async () => {
  const found = new Set<string>();
  for await (const { place, document, octets } of everyDocument(description())) {
    if (!octets.includes(customer.id)) continue;
    found.add(`${place}: ${Object.keys(document).toSorted().join()}`);
  }
  const places = [...found].toSorted();
  expect(places.filter((place) => !place.startsWith('privacy.erasures'))).toEqual([
    'delivery.identityProjection: _id,state,version',
    'identity.tenants: _id,deleted,version',
    'ingress.identityProjection: _id,state,version',
    'logging.identityProjection: _id,state,version',
    'privacy.identityProjection: _id,state,version',
    'privacy.tenants: _id,createdAt,epoch,state,version,wrapped',
  ]);
});

test('the wrapped key opens with no remaining root, though it did before', async () => {
  expect(wrapped).not.toBe('');
  // MongoDB keeps removed data: its oplog and journal still contain it.
  const { dataDir } = description().mongodb;
  if (dataDir !== null) expect(await searchFiles([dataDir], [wrapped])).not.toEqual([]);
  const vault = path.join(path.dirname(description().logDir), 'vault');
  const files = (await readdir(vault)).filter((name) => name.endsWith('.root'));
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const root = createSecretKey(await readFile(path.join(vault, file)));
    const context = { tenant: customer.id, record: `tenant:${customer.id}` };
    expect(() => open(root, context, Buffer.from(wrapped, 'base64')), file).toThrow(SealError);
  }
  // The demo tenant's key, which was wrapped again under the new root, still opens.
  expect(
    (await call(`${description().api.identity}/v1/domains`, description().tenant.ownerToken))
      .status,
  ).toBe(200);
});
