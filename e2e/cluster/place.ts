import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '@mysmtp/tooling';

/** Data of the back ends, keys and certificates of one installation; removed with it. */
export const stateDir = path.join(repositoryRoot, '.mysmtp', 'cluster', 'state');
/** Certificates of the services' APIs, and `ca.pem`, their authority. */
export const internalTlsDir = path.join(stateDir, 'internal-tls');
export const imagesDir = path.join(repositoryRoot, '.mysmtp', 'cluster', 'images');
export const descriptionFile = path.join(repositoryRoot, '.mysmtp', 'cluster.json');

export async function makeStateDir(): Promise<void> {
  await mkdir(path.join(stateDir, 'log'), { recursive: true, mode: 0o700 });
}
