import path from 'node:path';
import { repositoryRoot } from '../../repository.ts';
import { findCommand } from '../command.ts';
import type { Way } from '../way.ts';
import { standInPlan } from './stand-in-plan.ts';

export const standInOnPath: Way = {
  name: 'the stand-in secantusd-rs on PATH',
  kind: 'stand-in',
  find: async (place) => {
    const command = await findCommand('secantusd-rs', [path.join(repositoryRoot, '../shared/bin')]);
    return command === undefined ? { reason: 'not installed' } : standInPlan(command, place);
  },
};
