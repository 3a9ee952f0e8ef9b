import { installPackages } from './apt.ts';
import { findCommand, outputOf } from './command.ts';
import type { ServerPlace } from './way.ts';

export interface Python {
  readonly command: string;
  /** Such as `3.11`. */
  readonly version: string;
}

/** Those that the wheel is published for, newest first. */
export const pythonVersions = ['3.13', '3.12', '3.11', '3.10'];

/** A Python that the wheel runs on and that can make virtual environments, else Debian's. */
export async function findPython({
  progress,
  step,
}: Pick<ServerPlace, 'progress' | 'step'>): Promise<Python | { readonly reason: string }> {
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
