import { expect, test } from 'vitest';
import { collect, commandLine, count, hostAndPort, UsageError } from '../src/index.ts';

function parse(...argv: string[]) {
  const command = commandLine('npm run thing --')
    .option('--to <HOST:PORT>', 'where to', hostAndPort)
    .option('--rounds <N>', 'how often', count, 3)
    .option('--name <NAME>', 'of what', collect);
  return command.parse(argv, { from: 'user' }).opts();
}

function refusal(...argv: string[]): UsageError {
  try {
    parse(...argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('It was taken');
}

test('values, defaults and repeated options', () => {
  expect(parse()).toEqual({ rounds: 3 });
  const argv = ['--to', '[::1]:25', '--rounds', '7', '--name', 'a', '--name', 'b'];
  expect(parse(...argv)).toEqual({ to: '[::1]:25', rounds: 7, name: ['a', 'b'] });
});

test.each([
  ['--nonsense', ['--nonsense']],
  ['--to', ['--to', 'nowhere']],
  ['--to', ['--to']],
  ['--rounds', ['--rounds', '0']],
  ['--rounds', ['--rounds', '1.5']],
  ['too many arguments', ['word']],
])('one sentence names the error of %s, and the usage follows', (named, argv) => {
  const { message, exitCode } = refusal(...argv);
  const [sentence, empty, usage] = message.split('\n');
  expect(sentence).toContain(named);
  expect(empty).toBe('');
  expect(usage).toMatch(/^Usage: npm run thing --/);
  expect(exitCode).toBe(2);
});

test('--help is the usage alone, with the defaults', () => {
  const { message, exitCode } = refusal('--help');
  expect(message).toMatch(/^Usage: npm run thing --/);
  expect(message).toMatch(/--rounds <N> +how often \(default: 3\)/);
  expect(exitCode).toBe(0);
});
