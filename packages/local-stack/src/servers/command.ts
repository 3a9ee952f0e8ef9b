import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where a program lies: on PATH, or where else it is usually installed. */
export async function findCommand(
  name: string,
  alsoIn: readonly string[] = [],
): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...alsoIn];
  for (const folder of folders) {
    const file = path.join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Output of a command, or `undefined` where it fails or takes longer than `timeout` milliseconds. */
export async function outputOf(
  command: string,
  args: readonly string[],
  timeout = 10_000,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  try {
    const { stdout } = await run(command, [...args], {
      timeout,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, ...env },
    });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
