import path from 'node:path';
import { cacheDir, findCommand } from '@mysmtp/tooling';
import type { Way } from '../way.ts';
import { builtPlan } from './stand-in-plan.ts';

/** The server from `npm run stand-in`, or one on PATH. */
export const standInBuilt: Way = {
  name: 'the stand-in secantusd-rs on PATH or in the cache',
  kind: 'stand-in',
  find: async (place) => {
    const command = await findBuiltStandIn();
    return command === undefined ? { reason: 'not installed' } : builtPlan(command, place);
  },
};

export const buildRoot = () => cacheDir('stand-in');

export const findBuiltStandIn = () => findCommand('secantusd-rs', [path.join(buildRoot(), 'bin')]);
