import { mkdir, stat, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import path from 'node:path';
import { outputOf } from '@mysmtp/tooling';
import type { Program } from '../../processes/program.ts';
import { supervise } from '../../processes/supervisor.ts';
import type { ServerPlace, ServerPlan } from '../way.ts';
import { adminUrl, adminUser, answers, withClient } from './client.ts';

/** One of the two stand-ins for MongoDB, by the same author on the same storage engine. */
interface StandIn {
  readonly product: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Neither uses the indexes of the other, so each has a folder of its own. */
  readonly folder: string;
}

/** The built one: faster. With the small journal, deleted values leave the files soon. */
export async function builtPlan(command: string, place: ServerPlace): Promise<ServerPlan> {
  const version = /(\d+\.\d+\.\d+\S*)/.exec((await outputOf(command, ['--version'])) ?? '')?.[1];
  return standInPlan(
    {
      product: `secantusd-rs ${version ?? ''}`,
      command,
      args: [
        '--log-file-max',
        '16MB',
        // At the same interval as MongoDB: each checkpoint writes every changed page, and changes of indexes
        // are spread over all pages.
        '--checkpoint-seconds',
        '60',
      ],
      folder: 'stand-in',
    },
    place,
  );
}

/** The Python wheel: its journal (10 MB) and checkpoints (60 s) are small by default. */
export function wheelPlan(python: string, version: string, place: ServerPlace): ServerPlan {
  return standInPlan(
    {
      product: `secantusd-py ${version}`,
      command: python,
      // -I: ignores its working folder and the user's own packages.
      args: ['-I', '-m', 'secantus'],
      folder: 'stand-in-wheel',
    },
    place,
  );
}

/**
 * The local stand-in for MongoDB, for machines without the real one; never for production. With
 * `--sync-on-commit` an acknowledged write survives SIGKILL. With the short oplog, deleted values leave the
 * files soon.
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
      // Its first user is created without authentication, so it runs once without --auth.
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
 * Pages that do not fit are written and read again, which doubles the cost of a row. MongoDB itself uses half
 * of the memory; neither allocates it before there is that much data.
 */
function cacheMebibytes(): number {
  return Math.max(256, Math.floor(totalmem() / 4 / 1024 ** 2));
}
