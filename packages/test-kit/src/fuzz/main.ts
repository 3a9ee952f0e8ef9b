import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';

const usage = `usage: npm run fuzz -- [--minutes M | --runs N] [--seed S] [filter ...]

  --minutes M   all fuzz tests together take so long (10 without it)
  --runs N      instead: each property is tried with N inputs
  --seed S      the inputs of the run that printed this seed
  filter        only the files whose path has it
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) process.stdout.write(usage);
else process.exitCode = run();

function run(): number {
  const files = globSync([
    'packages/*/test/**/*.fuzz.test.ts',
    'services/*/test/**/*.fuzz.test.ts',
  ]);
  const chosen = files.filter(
    (file) => positionals.length === 0 || positionals.some((filter) => file.includes(filter)),
  );
  if (chosen.length === 0) {
    process.stderr.write(`No fuzz test has ${positionals.join(' or ')} in its path\n\n${usage}`);
    return 2;
  }
  const seed = values.seed ?? String(randomInt(2 ** 31));
  process.stderr.write(`MYSMTP_FUZZ_SEED=${seed}\n`);
  const amount =
    values.runs === undefined
      ? { MYSMTP_FUZZ_MINUTES: String(Number(values.minutes ?? 10) / chosen.length) }
      : { MYSMTP_FUZZ_RUNS: values.runs };
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'packages/test-kit/src/fuzz/vitest.config.ts',
      ...chosen,
    ],
    { stdio: 'inherit', env: { ...process.env, ...amount, MYSMTP_FUZZ_SEED: seed } },
  );
  return status ?? 1;
}
