import { createVitest } from 'vitest/node';
import { imageWay } from './images.ts';
import { parseOptions, usage, UsageError } from './options.ts';
import { removeAll } from './installation.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.down) {
      await removeAll();
      return 0;
    }
    const { load, registry } = imageWay();
    if (!options.sameImages && load === undefined && registry === undefined) {
      throw new UsageError(
        'How does the cluster get images? Set MYSMTP_LOAD_IMAGE or MYSMTP_REGISTRY',
      );
    }
    return await runTests(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
}

async function runTests(options: ReturnType<typeof parseOptions>): Promise<number> {
  const vitest = await createVitest('test', {
    config: `${import.meta.dirname}/vitest.config.ts`,
    watch: false,
  });
  vitest.provide('cluster', options);
  await vitest.start();
  await vitest.close();
  return process.exitCode === undefined || process.exitCode === 0 ? 0 : 1;
}
