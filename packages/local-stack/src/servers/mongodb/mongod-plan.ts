import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MongoServerError } from 'mongodb';
import { outputOf } from '../command.ts';
import type { ServerPlace, ServerPlan } from '../way.ts';
import { adminUrl, adminUser, answers, withClient } from './client.ts';

const replicaSet = 'mysmtp';

/** A real mongod as a replica set of one, with authentication. */
export async function mongodPlan(command: string, place: ServerPlace): Promise<ServerPlan> {
  const port = place.port('mongodb');
  const { dataDir, logDir, adminPassword } = place;
  const keyFile = path.join(dataDir, 'replica-set.key');
  const version = /v([\d.]+)/.exec((await outputOf(command, ['--version'])) ?? '')?.[1] ?? '';
  return {
    product: `MongoDB ${version}`.trim(),
    adminUrl: adminUrl(port, adminPassword),
    dataDir,
    prepare: async () => {
      await mkdir(path.join(dataDir, 'db'), { recursive: true, mode: 0o700 });
      const key = randomBytes(96).toString('base64');
      // Kept from the first start on: 'wx' refuses to write over it.
      await writeFile(keyFile, key, { mode: 0o600, flag: 'wx' }).catch(() => undefined);
    },
    initialise: () => initialise(port, adminPassword),
    programs: [
      {
        name: 'mongodb',
        command,
        args: [
          '--dbpath',
          path.join(dataDir, 'db'),
          '--bind_ip',
          '127.0.0.1',
          '--port',
          String(port),
          '--replSet',
          replicaSet,
          '--auth',
          '--keyFile',
          keyFile,
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

/** With no user yet, mongod lets a client on its own machine do this (the localhost exception). */
async function initialise(port: number, password: string): Promise<void> {
  const ready = await withClient(adminUrl(port, password), async (client) => {
    await client.db('admin').command({ ping: 1 });
    return true;
  }).catch(() => false);
  if (ready) return;
  const open = `mongodb://127.0.0.1:${String(port)}/?directConnection=true`;
  await withClient(open, async (client) => {
    const admin = client.db('admin');
    const host = `127.0.0.1:${String(port)}`;
    try {
      await admin.command({ replSetInitiate: { _id: replicaSet, members: [{ _id: 0, host }] } });
    } catch (error) {
      const already = error instanceof MongoServerError && error.codeName === 'AlreadyInitialized';
      if (!already) throw error;
    }
    for (let primary = false; !primary;) {
      primary = (await admin.command({ hello: 1 }))['isWritablePrimary'] === true;
    }
    await admin.command({ createUser: adminUser, pwd: password, roles: ['root'] });
  });
}
