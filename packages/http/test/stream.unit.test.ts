import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const get = (kind: string, signal?: AbortSignal) =>
  fetch(`${api.base}/v1/export?kind=${kind}`, {
    headers: { authorization: 'Bearer owner-token' },
    ...(signal && { signal }),
  });

test('a stream is sent with its type', async () => {
  const answer = await get('whole');
  expect(answer.headers.get('content-type')).toBe('text/csv');
  expect(await answer.text()).toBe('0\r\n1\r\n2\r\n');
});

test('a stream that breaks never looks complete, and the failure is logged', async () => {
  const answer = await get('broken');
  await expect(answer.text()).rejects.toThrow();
  await eventually(() => expect(api.lines.join('')).toContain('api.failed'));
  expect(api.lines.join('')).not.toContain('someone@example.org');
});

test('no more is written than the client reads; a client that leaves ends the stream', async () => {
  const before = { ...api.streams };
  const leaving = new AbortController();
  // Kept: the client of Node cancels an answer that is collected as garbage.
  const answer = await get('endless', leaving.signal);
  let taken = -1;
  // It stops once all buffers are full.
  await eventually(
    () => {
      const last = taken;
      taken = api.streams.chunks;
      expect(taken).toBe(last);
    },
    { every: 100 },
  );
  expect(taken - before.chunks).toBeLessThan(1_000);
  expect(api.streams.ended).toBe(before.ended);
  const failures = api.lines.join('').split('api.failed').length;
  leaving.abort();
  await expect(answer.text()).rejects.toThrow();
  await eventually(() => expect(api.streams.ended).toBe(before.ended + 1));
  expect(api.lines.join('').split('api.failed').length).toBe(failures);
});
