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
 * Brings Debian's packages, whose signatures apt checks, and unpacks them into `dir`/root without
 * running anything of them. What is installed on this machine stays out of it: it may be altered.
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

/** The list of packages is brought up to date only where the present one does not do. */
async function download(names: readonly string[], cwd: string, signal: AbortSignal): Promise<void> {
  const apt = await needed('apt-get', why);
  // apt's own user may not be able to write here.
  const options = ['-qq', '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::http::Timeout=20'];
  const first = await runCommand(apt, [...options, 'download', ...names], { cwd, signal, timeout });
  if ('output' in first) return;
  await runCommand(apt, [...options, 'update'], { signal, timeout });
  const again = [apt, ...options, 'download', ...names] as const;
  await run(`downloading ${names.join(', ')} from Debian`, again, { cwd, signal });
}

/** What Debian says of a package: its version, and where its source is. */
export async function controlOf({ name, file }: DebianPackage): Promise<string> {
  return `${await run(`reading ${name}`, [await needed('dpkg-deb', why), '-f', file])}\n`;
}

/** The packages that hold the licences of others: their documents are a link then. */
async function licences(names: readonly string[], root: string): Promise<string[]> {
  const owners = names.map(async (name) => {
    const documents = path.join(root, 'usr', 'share', 'doc', name);
    return (await lstat(documents)).isSymbolicLink() ? readlink(documents) : name;
  });
  return [...new Set(await Promise.all(owners))].filter((owner) => !names.includes(owner));
}
