import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serviceNames } from '@mysmtp/contracts';
import { connect } from 'amqplib';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { provisionMongoDb } from '../src/provision/mongodb.ts';
import { passwords, type Passwords } from '../src/provision/passwords.ts';
import { provisionRabbitMq } from '../src/provision/rabbitmq.ts';
import { startServers, type Servers } from '../src/servers/start.ts';

let dir: string;
let servers: Servers;
let secrets: Passwords;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-servers-'));
  servers = await startServers({ dir });
  secrets = await passwords(path.join(dir, 'services.secret.json'));
}, 120_000);
afterAll(async () => {
  await servers.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Processes whose command line or environment contains the folder. */
async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: string[] = [];
  for (const pid of pids) {
    if (pid === String(process.pid)) continue;
    const texts = await Promise.all(
      ['cmdline', 'environ'].map((name) =>
        readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => ''),
      ),
    );
    if (texts.some((text) => text.includes(folder))) found.push(pid);
  }
  return found;
}

async function withMongo<T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

test('a service writes to its own database and is refused on the others', async () => {
  const access = await provisionMongoDb(servers.mongodb.plan, 'mysmtp-test', secrets, false);
  await withMongo(access.urls.ingress, async (client) => {
    await client.db().collection('things').insertOne({ one: 1 });
    const other = client.db('mysmtp_test_identity').collection('things');
    await expect(other.insertOne({ one: 1 })).rejects.toThrow();
    await expect(other.find().toArray()).rejects.toThrow();
  });
  await withMongo(access.viewerUrl, async (client) => {
    const things = client.db('mysmtp_test_ingress').collection('things');
    expect(await things.countDocuments()).toBe(1);
    await expect(things.insertOne({ two: 2 })).rejects.toThrow();
  });
});

test('a service has only its own permissions on the broker; a repetition changes nothing', async () => {
  await provisionRabbitMq(servers.rabbitmq.plan, 'mysmtp-test', secrets, false);
  const access = await provisionRabbitMq(servers.rabbitmq.plan, 'mysmtp-test', secrets, false);
  const connection = await connect(access.urls.identity);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  await expect(channel.assertQueue('delivery.mail')).rejects.toThrow(/ACCESS.REFUSED/);
  await connection.close();
});

test('the verifier reads every database', async () => {
  const access = await provisionMongoDb(servers.mongodb.plan, 'mysmtp-verify', secrets, false);
  for (const service of serviceNames) {
    await withMongo(access.urls[service], (client) =>
      client.db().collection('things').insertOne({ of: service }),
    );
    await withMongo(access.verifierUrls[service], async (client) => {
      expect(await client.db().collection('things').findOne()).toMatchObject({ of: service });
      const names = await client.db().listCollections({}, { nameOnly: true }).toArray();
      expect(names.map(({ name }) => name)).toContain('things');
    });
  }
});

test('the verifier may not insert, update, delete or drop', async () => {
  const access = await provisionMongoDb(servers.mongodb.plan, 'mysmtp-verify', secrets, false);
  for (const service of serviceNames) {
    await withMongo(access.verifierUrls[service], async (client) => {
      const things = client.db().collection('things');
      await expect(things.insertOne({ one: 1 })).rejects.toThrow(/not authorized/i);
      await expect(things.updateOne({}, { $set: { one: 1 } })).rejects.toThrow(/not authorized/i);
      await expect(things.deleteMany({})).rejects.toThrow(/not authorized/i);
      await expect(things.drop()).rejects.toThrow(/not authorized/i);
      await expect(client.db('mysmtp_test_ingress').collection('things').findOne()).rejects.toThrow(
        /not authorized/i,
      );
    });
  }
});

test('acknowledged data survives SIGKILL of both servers, under the same names', async () => {
  const access = await provisionMongoDb(servers.mongodb.plan, 'mysmtp-kill', secrets, false);
  await withMongo(access.urls.privacy, (client) =>
    client.db().collection('things').insertOne({ kept: true }),
  );
  const all = [...servers.rabbitmq.processes, ...servers.mongodb.processes].filter(
    ({ name }) => name !== 'epmd',
  );
  await Promise.all(all.map((process) => process.replace('SIGKILL')));
  await withMongo(access.urls.privacy, async (client) => {
    expect(await client.db().collection('things').countDocuments({ kept: true })).toBe(1);
  });
}, 120_000);

test('fresh empties the data of a service', async () => {
  await provisionMongoDb(servers.mongodb.plan, 'mysmtp-kill', secrets, true);
  const access = await provisionMongoDb(servers.mongodb.plan, 'mysmtp-kill', secrets, false);
  await withMongo(access.urls.privacy, async (client) => {
    expect(await client.db().collection('things').countDocuments()).toBe(0);
  });
});

// Last, because the servers have ended after it.
test('stopping leaves no process', async () => {
  expect((await processesOf(dir)).length).toBeGreaterThan(2);
  await servers.stop();
  await expect.poll(() => processesOf(dir), { timeout: 20_000 }).toEqual([]);
});
