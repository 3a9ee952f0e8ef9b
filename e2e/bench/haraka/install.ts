import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheDir, runCommand } from '@mysmtp/tooling';
import { interrupted } from '../interrupt.ts';

const manifestDir = path.join(import.meta.dirname, 'npm');
const manifests = ['package.json', 'package-lock.json'] as const;
const minutes = 60_000;

/**
 * The folder of Haraka in the user's cache, installed from the npm registry if it is missing: with the
 * versions and hashes of the lockfile in `npm`, without optional plugins and without install scripts.
 */
export async function installHaraka(say: (line: string) => void): Promise<string> {
  const hash = createHash('sha256');
  for (const name of manifests) hash.update(await readFile(path.join(manifestDir, name)));
  const dir = cacheDir(`haraka-${hash.digest('hex').slice(0, 12)}`);
  const program = path.join(dir, 'node_modules', 'Haraka');
  if (existsSync(program)) return program;
  say('Installing Haraka from the npm registry (once)');
  const staging = `${dir}.${String(process.pid)}`;
  await mkdir(staging, { recursive: true });
  try {
    for (const name of manifests)
      await copyFile(path.join(manifestDir, name), path.join(staging, name));
    const options = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
    const installed = await runCommand('npm', ['ci', ...options, '--prefix', staging], {
      timeout: 5 * minutes,
      signal: interrupted,
    });
    if ('failure' in installed) throw new Error(`npm ci of Haraka failed: ${installed.failure}`);
    await rename(staging, dir).catch((error: unknown) => {
      // Another run was faster; its copy is used.
      if (!existsSync(program)) throw error;
    });
    return program;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
