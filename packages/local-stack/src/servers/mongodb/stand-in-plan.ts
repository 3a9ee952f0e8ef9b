import { mkdir, stat, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import path from 'node:path';
import { outputOf } from '@mysmtp/tooling';
import type { Program } from '../../processes/program.ts';
import { supervise } from '../../processes/supervisor.ts';
import type { ServerPlace, ServerPlan } from '../way.ts';
import { adminUrl, adminUser, answers, withClient } from './client.ts';

/** One of the two servers that stand in for MongoDB, by the same author on the same storage engine. */
interface StandIn {
  readonly product: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Neither finds by an index what the other has written: each has a folder of its own. */
  readonly folder: string;
}

/** The one that is built: faster. The small journal lets deleted values leave the files soon. */
export async function builtPlan(command: string, place: ServerPlace): Promise<ServerPlan> {
  const version = /(\d+\.\d+\.\d+\S*)/.exec((await outputOf(command, ['--version'])) ?? '')?.[1];
  return standInPlan(
    {
      product: `secantusd-rs ${version ?? ''}`,
      command,
      args: [
        '--log-file-max',
        '16MB',
        // As often as MongoDB itself: each writes every page that has changed, and indexes change all over.
        '--checkpoint-seconds',
        '60',
      ],
      folder: 'stand-in',
    },
    place,
  );
}

/** The one that is a Python wheel: its journal (10 MB) and checkpoints (60 s) are small by themselves. */
export function wheelPlan(python: string, version: string, place: ServerPlace): ServerPlan {
  return standInPlan(
    {
      product: `secantusd-py ${version}`,
      command: python,
      // -I: neither the folder it runs in nor the user's own packages are looked into.
      args: ['-I', '-m', 'secantus'],
      folder: 'stand-in-wheel',
    },
    place,
  );
}

/**
 * The local stand-in for MongoDB, for machines that cannot have the real one; never for production.
 * `--sync-on-commit` is what makes an acknowledged write survive SIGKILL. The short oplog lets
 * deleted values leave the files soon.
 */
function standInPlan(standIn: StandIn, place: ServerPlace): ServerPlan {
  const port = place.port('mongodb');
  const { dataDir, logDir, adminPassword } = place;
  const dbPath = path.join(dataDir, standIn.folder);
  const program = (...more: string[]): Program => ({
    name: 'mongodb',
    command: standIn.command,
    args: [
      ...standIn.args,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--storage-path',
      dbPath,
      '--sync-on-commit',
      '--cache-size',
      `${String(cacheMebibytes())}M`,
      '--oplog-retention-seconds',
      '600',
      '--log-level',
      'WARNING',
      ...more,
    ],
    env: { PATH: process.env['PATH'] ?? '', HOME: dataDir },
    cwd: dataDir,
    logFile: path.join(logDir, 'mongodb.log'),
    isReady: () => answers(port),
    startTimeout: 30_000,
    stopTimeout: 10_000,
    stopSignal: 'SIGTERM',
  });
  const marker = path.join(dataDir, 'administrator-exists');
  return {
    product: `${standIn.product} (a local stand-in for MongoDB)`,
    adminUrl: adminUrl(port, adminPassword),
    dataDir,
    standIn: true,
    programs: [program('--auth')],
    prepare: async () => {
      await mkdir(dbPath, { recursive: true, mode: 0o700 });
      const done = await stat(marker).catch(() => undefined);
      if (done !== undefined) return;
      // Its first user is made while it asks for none, so it runs once without --auth.
      const open = supervise(program());
      open.start();
      try {
        await open.ready();
        const url = `mongodb://127.0.0.1:${String(port)}/?directConnection=true`;
        await withClient(url, async (client) => {
          const users = { createUser: adminUser, pwd: adminPassword, roles: ['root'] };
          await client.db('admin').command(users);
        });
      } finally {
        await open.stop();
      }
      await writeFile(marker, '');
    },
  };
}

/**
 * What does not fit is written and read again, which doubles what a row costs. MongoDB itself takes
 * half of the memory; neither takes it before there is that much data.
 */
function cacheMebibytes(): number {
  return Math.max(256, Math.floor(totalmem() / 4 / 1024 ** 2));
}
