import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoServerError, type Db } from 'mongodb';
import { runCommand } from '@mysmtp/tooling';
import type { ServerPlace, ServerPlan } from '../way.ts';
import { adminUrl, adminUser, answers, withClient } from './client.ts';

const replicaSet = 'mysmtp';

/**
 * Compressed files contain few values in plain form, so a search of the files for a value would find nothing
 * in any case (e2e/09). Applies to collections and indexes created from then on.
 */
const uncompressed = [
  '--wiredTigerCollectionBlockCompressor',
  'none',
  '--wiredTigerJournalCompressor',
  'none',
  '--wiredTigerIndexPrefixCompression',
  'false',
];

/** A real mongod as a replica set of one, with authentication. */
export async function mongodPlan(
  command: string,
  place: ServerPlace,
): Promise<ServerPlan | { readonly reason: string }> {
  const port = place.port('mongodb');
  const { dataDir, logDir, adminPassword } = place;
  const keyFile = path.join(dataDir, 'replica-set.key');
  const dbPath = path.join(dataDir, 'mongod');
  const asked = await runCommand(command, ['--version']);
  // For example because of a missing library.
  if ('failure' in asked) return { reason: `${command} does not run here: ${asked.failure}` };
  const version = /v([\d.]+)/.exec(asked.output)?.[1] ?? '';
  return {
    product: `MongoDB ${version}`.trim(),
    adminUrl: adminUrl(port, adminPassword),
    dataDir,
    prepare: async () => {
      await mkdir(dbPath, { recursive: true, mode: 0o700 });
      const key = randomBytes(96).toString('base64');
      // Kept from the first start on: 'wx' does not overwrite it.
      await writeFile(keyFile, key, { mode: 0o600, flag: 'wx' }).catch(() => undefined);
    },
    initialise: () => initialise(port, adminPassword),
    programs: [
      {
        name: 'mongodb',
        command,
        args: [
          '--dbpath',
          dbPath,
          '--bind_ip',
          '127.0.0.1',
          '--port',
          String(port),
          '--replSet',
          replicaSet,
          '--auth',
          '--keyFile',
          keyFile,
          ...uncompressed,
        ],
        env: { PATH: process.env['PATH'] ?? '', HOME: dataDir },
        logFile: path.join(logDir, 'mongodb.log'),
        isReady: () => answers(port),
        startTimeout: 60_000,
        stopTimeout: 20_000,
        stopSignal: 'SIGTERM',
      },
    ],
  };
}

/**
 * A replica set of one with our administrator. If there is no user yet, mongod lets a local client create the
 * first one (the localhost exception).
 */
async function initialise(port: number, password: string): Promise<void> {
  const host = `127.0.0.1:${String(port)}`;
  const known = await withClient(adminUrl(port, password), async (client) => {
    const admin = client.db('admin');
    await admin.command({ ping: 1 });
    const { config } = await admin.command({ replSetGetConfig: 1 });
    if (config.members[0].host !== host) {
      // The port may differ from the last one; without a primary only force changes it.
      config.members[0].host = host;
      config.version += 1;
      await admin.command({ replSetReconfig: config, force: true });
    }
    await untilPrimary(admin);
    return true;
  }).catch((error: unknown) => {
    if (error instanceof MongoServerError && error.codeName === 'AuthenticationFailed')
      return false;
    throw error;
  });
  if (known) return;
  await withClient(`mongodb://${host}/?directConnection=true`, async (client) => {
    const admin = client.db('admin');
    try {
      await admin.command({ replSetInitiate: { _id: replicaSet, members: [{ _id: 0, host }] } });
    } catch (error) {
      const already = error instanceof MongoServerError && error.codeName === 'AlreadyInitialized';
      if (!already) throw error;
    }
    await untilPrimary(admin);
    await admin.command({ createUser: adminUser, pwd: password, roles: ['root'] });
  });
}

async function untilPrimary(admin: Db): Promise<void> {
  while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) await sleep(50);
}
