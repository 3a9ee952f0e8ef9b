import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pythonWith } from '@mysmtp/tooling';
import type { Way } from '../way.ts';
import { wheelPlan } from './stand-in-plan.ts';

/** The wheel and its dependencies, each file with its hash. The head of the file describes its generation. */
export const requirementsFile = path.join(import.meta.dirname, 'stand-in-requirements.txt');

/** The stand-in's Python wheel, in a virtual environment in the user's cache. */
export const standInWheel: Way = {
  name: 'the stand-in’s Python wheel',
  kind: 'stand-in wheel',
  find: async (place) => {
    const python = await pythonWith(
      { folder: 'stand-in-wheel', product: 'the stand-in for MongoDB', requirementsFile },
      place,
    );
    if ('reason' in python) return python;
    const requirements = await readFile(requirementsFile, 'utf8');
    return wheelPlan(python.command, wheelVersion(requirements), place);
  },
};

export function wheelVersion(requirements: string): string {
  return /^secantusdb==(\S+)/m.exec(requirements)?.[1] ?? '';
}
