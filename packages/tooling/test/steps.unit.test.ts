import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSteps } from '../src/steps.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function screen(isTTY: boolean) {
  const written: string[] = [];
  const out = { isTTY, columns: 60, write: (text: string) => written.push(text) };
  return { out, written };
}
const after = (milliseconds: number) => () =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds);
  });

test('a pipe gets a line at the beginning of a step, one at each interval, and one with its time', async () => {
  const { out, written } = screen(false);
  const done = createSteps(out).step('Installing', after(33_000));
  await vi.advanceTimersByTimeAsync(33_000);
  await done;
  expect(written).toEqual([
    '   0.0 s  Installing …\n',
    '  15.0 s  Installing: still running after 15 s\n',
    '  30.0 s  Installing: still running after 30 s\n',
    '  33.0 s  Installing: took 33.0 s\n',
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written.length).toBe(4);
});

test('a terminal has one line that is updated, no longer than the terminal is wide', async () => {
  const { out, written } = screen(true);
  const steps = createSteps(out);
  const both = [steps.step('Installing RabbitMQ', after(5_000)), steps.step('npm', after(2_000))];
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written.length).toBeGreaterThan(4);
  expect(new Set(written).size).toBeGreaterThan(4);
  for (const text of written) {
    expect(text.startsWith('\r\u001B[K')).toBe(true);
    expect(text).not.toContain('\n');
    expect(text.length - '\r\u001B[K'.length).toBeLessThan(60);
  }
  expect(written.at(-1)).toContain('Installing RabbitMQ (1 s), npm (1 s)');
  await vi.advanceTimersByTimeAsync(5_000);
  await Promise.all(both);
  const lines = written.filter((text) => text.endsWith('\n'));
  expect(lines).toEqual([
    '\r\u001B[K   2.0 s  npm: took 2.0 s\n',
    '\r\u001B[K   5.0 s  Installing RabbitMQ: took 5.0 s\n',
  ]);
});

test('a failed step reports it, and its error reaches the caller', async () => {
  const { out, written } = screen(false);
  const failing = createSteps(out).step('Installing', () => Promise.reject(new Error('no disk')));
  await expect(failing).rejects.toThrow('no disk');
  expect(written.at(-1)).toBe('   0.0 s  Installing: failed after 0.0 s\n');
});
