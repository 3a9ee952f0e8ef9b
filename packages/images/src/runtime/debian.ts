import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '@mysmtp/tooling';
import { needed, run } from '../run.ts';

export interface DebianPackage {
  readonly name: string;
  readonly file: string;
}

const timeout = 3 * 60_000;
const why = 'without --base, what Node needs is taken from Debian’s packages';

/**
 * Downloads Debian's packages, whose signatures apt checks, and unpacks them into `dir`/root without running
 * any of their scripts. The installed packages of this machine are not used, because they may be altered.
 */
export async function unpackPackages(
  names: readonly string[],
  dir: string,
  signal: AbortSignal,
): Promise<{ readonly root: string; readonly packages: readonly DebianPackage[] }> {
  const root = path.join(dir, 'root');
  const first = await unpack(names, dir, root, signal);
  const packages = [...first, ...(await unpack(await licences(names, root), dir, root, signal))];
  return { root, packages };
}

async function unpack(
  names: readonly string[],
  dir: string,
  root: string,
  signal: AbortSignal,
): Promise<DebianPackage[]> {
  const dpkg = await needed('dpkg-deb', why);
  await download(names, dir, signal);
  const files = await readdir(dir);
  const packages: DebianPackage[] = [];
  for (const name of names) {
    const file = path.join(dir, files.find((each) => each.startsWith(`${name}_`)) ?? name);
    await run(`unpacking ${name}`, [dpkg, '-x', file, root]);
    packages.push({ name, file });
  }
  return packages;
}

/** The package lists are updated only if the present ones are not sufficient. */
async function download(names: readonly string[], cwd: string, signal: AbortSignal): Promise<void> {
  const apt = await needed('apt-get', why);
  // apt's own user may have no write permission here.
  const options = ['-qq', '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::http::Timeout=20'];
  const first = await runCommand(apt, [...options, 'download', ...names], { cwd, signal, timeout });
  if ('output' in first) return;
  await runCommand(apt, [...options, 'update'], { signal, timeout });
  const again = [apt, ...options, 'download', ...names] as const;
  await run(`downloading ${names.join(', ')} from Debian`, again, { cwd, signal });
}

/** Debian's metadata of a package: its version, and the location of its source. */
export async function controlOf({ name, file }: DebianPackage): Promise<string> {
  return `${await run(`reading ${name}`, [await needed('dpkg-deb', why), '-f', file])}\n`;
}

/** The packages that contain the licences of others, whose documents are links to them. */
async function licences(names: readonly string[], root: string): Promise<string[]> {
  const owners = names.map(async (name) => {
    const documents = path.join(root, 'usr', 'share', 'doc', name);
    return (await lstat(documents)).isSymbolicLink() ? readlink(documents) : name;
  });
  return [...new Set(await Promise.all(owners))].filter((owner) => !names.includes(owner));
}
