import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync } from 'node:fs';
import { commandLine, count, Option, runProgram, valid } from '@mysmtp/command-line';

const isPositive = valid((text) => Number(text) > 0, 'a number of minutes');

process.exitCode = await runProgram(parseOptions, run);

function parseOptions(argv: readonly string[]) {
  const command = commandLine('npm run fuzz --')
    .argument('[FILTER...]', 'only files whose path contains this text')
    .option('--minutes <M>', 'total time of all fuzz tests', isPositive, '10')
    .addOption(
      new Option('--runs <N>', 'instead: N inputs for each property')
        .argParser(count)
        .conflicts('minutes'),
    )
    .option('--seed <S>', 'the inputs of the run that printed this seed')
    .parse(argv, { from: 'user' });
  const [filters] = command.processedArgs;
  const files = globSync([
    'packages/*/test/**/*.fuzz.test.ts',
    'services/*/test/**/*.fuzz.test.ts',
  ]).filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
  if (files.length === 0) command.error(`No fuzz test has ${filters.join(' or ')} in its path`);
  return { files, ...command.opts() };
}

async function run({
  files,
  minutes,
  runs,
  seed = String(randomInt(2 ** 31)),
}: ReturnType<typeof parseOptions>): Promise<number> {
  process.stderr.write(`MYSMTP_FUZZ_SEED=${seed}\n`);
  const amount =
    runs === undefined
      ? { MYSMTP_FUZZ_MINUTES: String(Number(minutes) / files.length) }
      : { MYSMTP_FUZZ_RUNS: String(runs) };
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'packages/test-kit/src/fuzz/vitest.config.ts',
      ...files,
    ],
    { stdio: 'inherit', env: { ...process.env, ...amount, MYSMTP_FUZZ_SEED: seed } },
  );
  return status ?? 1;
}
