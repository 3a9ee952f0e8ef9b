import path from 'node:path';
import { serviceNames } from '@mysmtp/contracts';
import { repositoryRoot } from '@mysmtp/tooling';
import { imagesDir } from './place.ts';
import { progress, run } from './tools.ts';

export const imageTag = 'e2e';

/** The way in which the cluster gets images; empty if none is set. */
export const imageWay = () => ({
  load: process.env['MYSMTP_LOAD_IMAGE'] || undefined,
  registry: process.env['MYSMTP_REGISTRY'] || undefined,
});

/** Builds the images and transfers them to the cluster, by a command or through a registry. */
export async function bringImages(): Promise<void> {
  const { load, registry } = imageWay();
  progress('Building the images');
  const npm = path.join(repositoryRoot, 'tools', 'run.js');
  await run(process.execPath, [npm, 'images', '--out', imagesDir, '--tag', imageTag], {
    show: true,
  });
  for (const service of serviceNames) {
    const archive = path.join(imagesDir, `mysmtp-${service}.tar`);
    progress(`Transferring the image of ${service} to the cluster`);
    if (load !== undefined) await run('sh', ['-c', `${load} "$1"`, 'sh', archive]);
    else {
      const name = `docker://${registry ?? ''}/mysmtp/${service}:${imageTag}`;
      await run('skopeo', ['copy', '--insecure-policy', `docker-archive:${archive}`, name]);
    }
  }
}
