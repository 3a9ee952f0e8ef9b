import { findCommand, isExecutable } from '@mysmtp/tooling';
import { UnavailableError, type Way } from '../way.ts';
import { mongodPlan } from './mongod-plan.ts';

export const mongod: Way = {
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
