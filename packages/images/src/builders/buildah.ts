import path from 'node:path';
import { run } from '../run.ts';
import { commonArguments, type Builder } from './builder.ts';

/**
 * Builds without a daemon. `storage` is a folder for this build, so the user's own images are not affected.
 * It needs neither overlay mounts nor namespaces, so it works inside a container too.
 */
export function buildahBuilder(buildah: string, storage: string): Builder {
  const folders = ['--root', path.join(storage, 'root'), '--runroot', path.join(storage, 'run')];
  const call = [buildah, ...folders, '--storage-driver', 'vfs'] as const;
  return {
    name: 'buildah',
    async build(order, signal) {
      const { name, containerfile, context, epoch, file } = order;
      const full = `docker.io/${name}`;
      const how = ['--isolation', 'chroot', '--identity-label=false'];
      const what = ['--timestamp', String(epoch), '--file', containerfile, '--tag', full];
      const build = [
        ...call,
        'build',
        ...how,
        ...what,
        ...commonArguments(order),
        context,
      ] as const;
      await run(`building ${name}`, build, { signal });
      const push = [...call, 'push', full, `docker-archive:${file}:${full}`] as const;
      await run(`writing ${name}`, push, { signal });
      await run(`removing ${name}`, [...call, 'rmi', full], { signal });
    },
  };
}
