import type { Way } from '../way.ts';
import { buildStandIn } from './build-stand-in.ts';
import { download } from './download.ts';
import { given } from './given.ts';
import { mongod } from './mongod.ts';
import { standInOnPath } from './stand-in-on-path.ts';

/** Where MongoDB comes from, in order: the real one wherever it can be had. */
export const mongoDbWays: readonly Way[] = [given, mongod, download, standInOnPath, buildStandIn];
