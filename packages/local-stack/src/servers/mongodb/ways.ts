import { UnavailableError, type Way } from '../way.ts';
import { download } from './download.ts';
import { given } from './given.ts';
import { mongod } from './mongod.ts';
import { standInBuild } from './stand-in-build.ts';
import { standInBuilt } from './stand-in-built.ts';
import { standInWheel } from './stand-in-wheel.ts';

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
