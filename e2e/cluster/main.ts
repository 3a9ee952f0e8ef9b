import { runProgram } from '@mysmtp/command-line';
import { createVitest } from 'vitest/node';
import { removeAll } from './installation.ts';
import { parseOptions, type ClusterOptions } from './options.ts';

process.exitCode = await runProgram(parseOptions, main);

async function main(options: ClusterOptions): Promise<number> {
  if (options.down) {
    await removeAll();
    return 0;
  }
  const vitest = await createVitest('test', {
    config: `${import.meta.dirname}/vitest.config.ts`,
    watch: false,
  });
  vitest.provide('cluster', options);
  await vitest.start();
  await vitest.close();
  return process.exitCode === undefined || process.exitCode === 0 ? 0 : 1;
}
