import { expect, test } from 'vitest';
import { outputOf, runCommand } from '../src/command.ts';

test('the output of a command, or the last line of its output', async () => {
  expect(await runCommand('sh', ['-c', 'echo good'])).toEqual({ output: 'good' });
  const failing = ['-c', 'echo first >&2; echo last >&2; exit 3'];
  expect(await runCommand('sh', failing)).toEqual({ failure: 'last' });
  const complaining = ['-c', 'echo why; exit 3'];
  expect(await runCommand('sh', complaining)).toEqual({ failure: 'why' });
  expect(await outputOf('no-such-command', [])).toBeUndefined();
});

test('a command that takes too long is ended, with its child processes', async () => {
  const began = Date.now();
  const outcome = await runCommand('sh', ['-c', 'sleep 60 & wait'], { timeout: 200 });
  expect(outcome).toEqual({ failure: 'no end after 0.2 s' });
  expect(Date.now() - began).toBeLessThan(5_000);
});

test('a command is ended at an abort', async () => {
  const controller = new AbortController();
  const running = runCommand('sh', ['-c', 'sleep 60 & wait'], {
    timeout: 60_000,
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(new Error('given up')), 100);
  await expect(running).rejects.toThrow('given up');
});
