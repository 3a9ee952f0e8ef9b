import { randomInt } from 'node:crypto';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

/** A number from the environment, which `npm run fuzz` sets; an empty value counts as absent. */
function numberOf(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`${name}: must be a number that is not negative`);
}

/** One seed for the properties of a file: the same inputs in the same order, also if others are skipped. */
const seed = numberOf('MYSMTP_FUZZ_SEED') ?? randomInt(2 ** 31);
const runs = numberOf('MYSMTP_FUZZ_RUNS');
/** For the file: its properties share them. */
const minutes = numberOf('MYSMTP_FUZZ_MINUTES');

let properties = 0;
let inputsTried = 0;

/**
 * A test of a property for all inputs. `npm test` tries `few` inputs, which must take less than a second.
 * `npm run fuzz` tries the requested number.
 */
export function fuzz<Inputs extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { [At in keyof Inputs]: fc.Arbitrary<Inputs[At]> },
  holds: (...inputs: Inputs) => void | Promise<void>,
  few = 200,
): void {
  properties += 1;
  const isBounded = minutes === undefined;
  test(name, { timeout: isBounded && runs === undefined ? 30_000 : 0 }, async () => {
    let lastTurn = performance.now();
    const property = fc.asyncProperty<Inputs>(...arbitraries, async (...inputs) => {
      // Vitest considers a worker dead if it does not answer for a minute.
      if (performance.now() - lastTurn > 100) {
        await nextTurn();
        lastTurn = performance.now();
      }
      await holds(...inputs);
    });
    const result = await fc.check(property, {
      seed,
      numRuns: isBounded ? (runs ?? few) : Number.MAX_SAFE_INTEGER,
      ...(isBounded ? {} : { interruptAfterTimeLimit: (minutes * 60_000) / properties }),
    });
    inputsTried += result.numRuns;
    if (!result.failed) return;
    const again = `--seed ${String(seed)} --runs ${String(result.numRuns)} ${testFile()}`;
    throw new Error(
      `Repeat with: npm run fuzz -- ${again}\n${fc.defaultReportMessage(result) ?? ''}`,
      { cause: result.errorInstance },
    );
  });
}

const testFile = (): string => path.relative(process.cwd(), expect.getState().testPath ?? '');

afterAll(() => {
  const tried = `${String(inputsTried)} inputs, MYSMTP_FUZZ_SEED=${String(seed)}`;
  process.stderr.write(`${testFile()}: ${tried}\n`);
});

/**
 * Expects linear work, not quadratic: eight times the input may take up to 24 times as long. Less than 50 ms
 * of CPU is not judged; quadratic work on the larger size would take seconds. Of both sizes the fastest of
 * three runs counts. If other work on the machine made them slow, up to nine.
 */
export function expectLinear<Input>(
  make: (size: number) => Input,
  read: (input: Input) => unknown,
): void {
  const inputs = { large: make(64_000), small: make(8_000) };
  let [large, small] = [Infinity, Infinity];
  for (let run = 1; run <= 9; run += 1) {
    large = Math.min(large, cpuTime(inputs.large, read));
    if (large < 50) return;
    small = Math.min(small, cpuTime(inputs.small, read));
    if (run >= 3 && large / small < 24) return;
  }
  expect(large / small).toBeLessThan(24);
}

/** Milliseconds. */
function cpuTime<Input>(input: Input, read: (input: Input) => unknown): number {
  const start = process.cpuUsage();
  read(input);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}
