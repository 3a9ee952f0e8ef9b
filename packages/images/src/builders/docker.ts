import { run } from '../run.ts';
import { commonArguments, type Builder } from './builder.ts';

/** Builds with Docker's daemon, which keeps the image as well. */
export function dockerBuilder(docker: string): Builder {
  return {
    name: 'docker',
    async build(order, signal) {
      const { name, containerfile, context, epoch, file } = order;
      const time = ['--build-arg', `SOURCE_DATE_EPOCH=${String(epoch)}`];
      const what = ['--file', containerfile, '--tag', name, ...time, ...commonArguments(order)];
      await run(`building ${name}`, [docker, 'build', ...what, context], { signal });
      await run(`writing ${name}`, [docker, 'save', '--output', file, name], { signal });
    },
  };
}
