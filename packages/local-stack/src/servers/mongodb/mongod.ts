import { findCommand, isExecutable } from '../command.ts';
import type { Way } from '../way.ts';
import { mongodPlan } from './mongod-plan.ts';

export const mongod: Way = {
  name: 'MONGOD or mongod on PATH',
  find: async (place) => {
    const named = process.env['MONGOD'];
    if (named !== undefined && !(await isExecutable(named))) {
      return { reason: `MONGOD names ${named}, which cannot be run` };
    }
    const command = named ?? (await findCommand('mongod'));
    return command === undefined ? { reason: 'not installed' } : mongodPlan(command, place);
  },
};
