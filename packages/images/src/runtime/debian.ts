import { lstat, mkdir, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { needed, run } from '../run.ts';

export interface DebianPackage {
  readonly name: string;
  readonly file: string;
}

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
  const packages: DebianPackage[] = [];
  for (const name of names) {
    const file = await download(name, path.join(dir, name), signal);
    await run(`unpacking ${name}`, [dpkg, '-x', file, root]);
    packages.push({ name, file });
  }
  return packages;
}

async function download(name: string, cwd: string, signal: AbortSignal): Promise<string> {
  const apt = await needed('apt-get', why);
  await mkdir(cwd);
  // apt's own user may not be able to write here.
  const options = ['-qq', '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::http::Timeout=20'];
  const command = [apt, ...options, 'download', name] as const;
  await run(`downloading Debian’s ${name} (apt-get update may help)`, command, {
    cwd,
    signal,
  });
  const [file = ''] = await readdir(cwd);
  return path.join(cwd, file);
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
