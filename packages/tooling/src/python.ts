import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { findCommand, isExecutable, outputOf, runCommand, type CommandResult } from './command.ts';
import { installPackages } from './debian.ts';
import { cacheDir } from './repository.ts';
import type { Step } from './steps.ts';

/** The progress callback of the installation, and its abort signal. */
interface Place {
  readonly progress: (line: string) => void;
  readonly step: Step;
  readonly signal: AbortSignal;
}

interface Python {
  readonly command: string;
  /** Such as `3.11`. */
  readonly version: string;
}

/** The versions that our requirements support, newest first. */
const pythonVersions = ['3.13', '3.12', '3.11', '3.10'];

/** A Python that supports our requirements and can create virtual environments, else Debian's. */
async function findPython({
  progress,
  step,
}: Pick<Place, 'progress' | 'step'>): Promise<Python | { readonly reason: string }> {
  const present = await usablePython();
  if (present !== undefined) return present;
  const isThere = async () => (await usablePython()) !== undefined;
  const refusal = await installPackages(['python3-venv'], isThere, progress, step);
  return (
    (await usablePython()) ?? {
      reason: `it needs Python ${pythonVersions.at(-1) ?? ''} to ${pythonVersions[0] ?? ''} with venv and ensurepip; Debian’s python3-venv: ${refusal?.reason ?? 'it has neither'}`,
    }
  );
}

async function usablePython(): Promise<Python | undefined> {
  const commands = [
    await findCommand('python3'),
    '/usr/bin/python3',
    ...(await Promise.all(pythonVersions.map((version) => findCommand(`python${version}`)))),
  ];
  for (const command of commands) {
    if (command === undefined) continue;
    // Debian has venv in every Python, but ensurepip only with python3-venv.
    const version = await outputOf(command, ['-I', '-c', askVersion]);
    if (version !== undefined && pythonVersions.includes(version)) return { command, version };
  }
  return undefined;
}

const askVersion = 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2])';

interface Requirements {
  /** The prefix of the environment's name in the cache. */
  readonly folder: string;
  readonly product: string;
  /** Every package with its version and the hashes of its files. */
  readonly requirementsFile: string;
}

/** The Python of our environment in the user's cache, which is created if it is missing. */
export async function pythonWith(
  { folder, product, requirementsFile }: Requirements,
  place: Place,
): Promise<{ readonly command: string } | { readonly reason: string }> {
  const requirements = await readFile(requirementsFile);
  const python = await findPython(place);
  if ('reason' in python) return python;
  // Another version of Python or of a package has an environment of its own.
  const digest = createHash('sha256').update(requirements).update(python.version).digest('hex');
  const dir = cacheDir(`${folder}-${digest.slice(0, 12)}`);
  const command = path.join(dir, 'bin', 'python');
  if (await isExecutable(command)) return { command };
  const refusal = await place.step(`Installing ${product} from PyPI (once)`, () =>
    install(python.command, dir, requirementsFile, place.signal),
  );
  return refusal ?? { command };
}

const minutes = 60_000;

/** An environment is created atomically, also if another process creates the same one. */
async function install(
  python: string,
  dir: string,
  requirementsFile: string,
  signal: AbortSignal,
): Promise<{ readonly reason: string } | undefined> {
  const staging = `${dir}.${String(process.pid)}`;
  await mkdir(path.dirname(dir), { recursive: true });
  const run = (command: string, args: readonly string[]): Promise<CommandResult> =>
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
  // A machine without the internet must fail within seconds.
  '--retries=1',
  '--timeout=20',
  // Nothing is built, because a source package would run its author's scripts.
  '--only-binary=:all:',
  '--require-hashes',
  // Python compiles modules at their first run; most of the installed ones never run here.
  '--no-compile',
  '-r',
];
