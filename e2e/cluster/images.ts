import path from 'node:path';
import { serviceNames } from '@mysmtp/contracts';
import { repositoryRoot, stateDir } from './place.ts';
import { progress, run } from './tools.ts';

export const imageTag = 'e2e';

/** Makes the images and brings them to the cluster, by a command or through a registry. */
export async function bringImages(): Promise<void> {
  const load = process.env['MYSMTP_LOAD_IMAGE'];
  const registry = process.env['MYSMTP_REGISTRY'];
  if (load === undefined && registry === undefined) {
    throw new Error('Set MYSMTP_LOAD_IMAGE or MYSMTP_REGISTRY: how does the cluster get images?');
  }
  const out = path.join(stateDir, 'images');
  progress('Making the images');
  const npm = path.join(repositoryRoot, 'tools', 'run.js');
  await run(process.execPath, [npm, 'images', '--out', out, '--tag', imageTag], { show: true });
  for (const service of serviceNames) {
    const archive = path.join(out, `mysmtp-${service}.tar`);
    progress(`Bringing the image of ${service} to the cluster`);
    if (load !== undefined) await run('sh', ['-c', `${load} "$1"`, 'sh', archive]);
    else {
      const name = `docker://${registry ?? ''}/mysmtp/${service}:${imageTag}`;
      await run('skopeo', ['copy', '--insecure-policy', `docker-archive:${archive}`, name]);
    }
  }
}
