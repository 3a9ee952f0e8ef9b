import { findCommand, isExecutable } from '@mysmtp/tooling';
import { UnavailableError, type Way } from '../way.ts';
import { download } from './download.ts';
import { standInBuild } from './stand-in-build.ts';
import { standInBuilt } from './stand-in-built.ts';
import { standInWheel } from './stand-in-wheel.ts';
import { mongodPlan } from './mongod-plan.ts';
import { withClient } from './client.ts';

/** An external server: used, never started or stopped. */
const given: Way = {
  name: 'MONGODB_URL',
  kind: 'given',
  isNamed: () => Boolean(process.env['MONGODB_URL']),
  find: async () => {
    const url = process.env['MONGODB_URL'] || undefined;
    if (url === undefined) return { reason: 'not set (an administrator’s connection string)' };
    // If a server is named explicitly and does not answer, no other one is used.
    const version = await withClient(url, async (client) => {
      const info = await client.db('admin').command({ buildInfo: 1 });
      return String(info['version']);
    }).catch((error: unknown) => {
      throw new UnavailableError('MONGODB_URL: login refused', { cause: error });
    });
    return { product: `MongoDB ${version}`, programs: [], adminUrl: url, dataDir: null };
  },
};

const mongod: Way = {
  name: 'MONGOD or mongod on PATH',
  kind: 'mongod',
  isNamed: () => Boolean(process.env['MONGOD']),
  find: async (place) => {
    const named = process.env['MONGOD'] || undefined;
    if (named !== undefined && !(await isExecutable(named))) {
      throw new UnavailableError(`MONGOD: ${named} cannot be run`);
    }
    const command = named ?? (await findCommand('mongod'));
    return command === undefined ? { reason: 'not installed' } : mongodPlan(command, place);
  },
};

const standIns: Readonly<Record<string, readonly Way[]>> = {
  // Seconds instead of minutes until the first start.
  '': [standInBuilt, standInWheel, standInBuild],
  // Minutes once, and then faster: for the tests and the benchmark (tools/run.js).
  built: [standInBuilt, standInBuild, standInWheel],
  // Even if another one exists, to test this one.
  wheel: [standInWheel, standInBuilt, standInBuild],
};

/** The sources of MongoDB, in order: the real one if possible, then a stand-in. */
export function mongoDbWays(preferred = process.env['STAND_IN'] ?? ''): readonly Way[] {
  const order = Object.hasOwn(standIns, preferred) ? standIns[preferred] : undefined;
  if (order === undefined) {
    throw new UnavailableError(`STAND_IN: ${preferred} is neither built nor wheel`);
  }
  return [given, mongod, download, ...order];
}
