import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ServiceName } from '@mysmtp/contracts';
import { repositoryRoot } from '@mysmtp/tooling';
import { prune } from './prune.ts';
import { needed, run } from '../run.ts';

export interface Staging {
  /** The output of `compile`. */
  readonly compiled: string;
  /** An empty folder for temporary files. */
  readonly scratch: string;
  /** The output folder of the service. Must not exist yet. */
  readonly into: string;
  readonly signal: AbortSignal;
}

/**
 * Assembles a service as it runs in production: its programs and their modules at the top, below
 * `node_modules` our packages (`dist`) and the production dependencies that the lockfile names.
 */
export async function stage(service: ServiceName, staging: Staging): Promise<void> {
  const { into, scratch, signal } = staging;
  await layWorkspace(service, staging);
  const pnpm = await needed('pnpm', 'run this as npm run images, which brings it');
  const from = ['--dir', scratch, '--filter', `@mysmtp/${service}`];
  const how = ['--prod', '--node-linker', 'hoisted', '--package-import-method', 'copy'];
  // Only packages of the installed workspace, which are verified, so nothing is downloaded.
  const known = ['--offline', '--trust-lockfile', '--reporter', 'silent'];
  const deploy = [pnpm, ...from, 'deploy', ...how, ...known, into] as const;
  await run(`laying the dependencies of ${service}`, deploy, { signal });
  await finish(service, into);
}

/** A workspace of the compiled service and packages, as the source of pnpm's deploy. */
async function layWorkspace(service: ServiceName, { compiled, scratch }: Staging): Promise<void> {
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    await copyFile(path.join(repositoryRoot, file), path.join(scratch, file));
  }
  // pnpm applies them to the dependencies that it deploys.
  await cp(path.join(repositoryRoot, 'patches'), path.join(scratch, 'patches'), {
    recursive: true,
  });
  const lay = async (folder: string, code: string) => {
    const to = path.join(scratch, folder);
    await mkdir(to, { recursive: true });
    await copyFile(
      path.join(repositoryRoot, folder, 'package.json'),
      path.join(to, 'package.json'),
    );
    await cp(path.join(compiled, folder, 'src'), path.join(to, code), { recursive: true });
  };
  await lay(path.join('services', service), '.');
  for (const name of await readdir(path.join(compiled, 'packages'))) {
    await lay(path.join('packages', name), 'dist');
  }
}

async function finish(service: ServiceName, into: string): Promise<void> {
  await rm(path.join(into, 'pnpm-lock.yaml'));
  await rm(path.join(into, 'pnpm-workspace.yaml'));
  await prune(path.join(into, 'node_modules'));
  await copyFile(path.join(repositoryRoot, 'LICENSE'), path.join(into, 'LICENSE'));
  // pnpm's file names the folders that it deployed from.
  const manifest = path.join(repositoryRoot, 'services', service, 'package.json');
  const { name, version, license, type } = JSON.parse(await readFile(manifest, 'utf8')) as Record<
    string,
    string
  >;
  const short = JSON.stringify({ name, version, license, type }, undefined, 2);
  await writeFile(path.join(into, 'package.json'), `${short}\n`);
}
