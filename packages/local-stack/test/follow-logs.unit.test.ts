import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followLogs, readable } from '../src/stack/follow-logs.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-logs-'));
});
afterAll(() => rm(dir, { recursive: true }));

const entry = {
  level: 'info',
  time: '2026-01-02T03:04:05.678Z',
  service: 'ingress',
  process: 1,
  event: 'message.accepted',
  size: 10,
};

test('a log line in words', () => {
  expect(readable(JSON.stringify(entry))).toBe(
    '03:04:05.678 ingress  info  message.accepted size=10',
  );
  expect(readable('not JSON')).toBe('not JSON');
});

test('only new lines are shown', async () => {
  const file = path.join(dir, 'ingress.log');
  await writeFile(file, 'old\n');
  const said: string[] = [];
  await using _ = await followLogs(dir, (line) => void said.push(line));
  await appendFile(file, 'one\ntw');
  await expect.poll(() => said).toEqual(['one']);
  await appendFile(file, 'o\n');
  await expect.poll(() => said).toEqual(['one', 'two']);
});
