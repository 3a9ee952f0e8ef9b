import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../src/explain.ts';
import { StartError, supervise } from '../src/processes/supervisor.ts';
import { UnavailableError } from '../src/servers/way.ts';
import { expectRoom } from '../src/stack/room.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-explain-'));
});
afterAll(() => rm(dir, { recursive: true }));

test('a service that refuses its configuration is named at once, with the setting', async () => {
  const logFile = path.join(dir, 'ingress.log');
  const refusal = { event: 'config.invalid', setting: 'SMTP_NAME', reason: 'must be a host name' };
  await writeFile(path.join(dir, 'refuse.sh'), `echo '${JSON.stringify(refusal)}'; exit 78`);
  const process = supervise({
    name: 'ingress',
    command: 'sh',
    args: [path.join(dir, 'refuse.sh')],
    env: {},
    logFile,
    isReady: async () => false,
    startTimeout: 60_000,
    stopTimeout: 1_000,
    stopSignal: 'SIGTERM',
  });
  process.start();
  const error: unknown = await process.ready().catch((reason: unknown) => reason);
  await process.stop();
  expect(error).toBeInstanceOf(StartError);
  const text = explain(error);
  expect(text).toContain('ingress refuses its configuration\n  SMTP_NAME: must be a host name\n');
  expect(text).toContain(logFile);
});

test('an unavailable server is reported without a stack trace, with its cause', () => {
  const error = new UnavailableError('MONGODB_URL: login refused', {
    cause: new Error('connect ECONNREFUSED'),
  });
  expect(explain(error)).toBe('MONGODB_URL: login refused\n  connect ECONNREFUSED');
});

test.each(['', 'below'])(
  'a --dir that is a file, or is below one, is named (%j)',
  async (below) => {
    const file = path.join(dir, 'file');
    await writeFile(file, '');
    const error: unknown = await mkdir(path.join(file, below), { recursive: true }).catch(
      (reason: unknown) => reason,
    );
    const text = explain(error);
    expect(text).toMatch(/file.* and a folder is needed\. Use another folder: --dir/);
    expect(text).not.toContain('\n');
  },
);

test('a folder without write permission is named without a stack trace', () => {
  const error = Object.assign(new Error('EACCES: permission denied'), {
    code: 'EACCES',
    path: '/srv/x',
  });
  expect(explain(error)).toMatch(/^\/srv\/x may not be written by this user\. Use another folder/);
});

test('a nearly full disk is refused before RabbitMQ is started on it', async () => {
  const measure = async () => ({ bavail: 300, bsize: 1024 ** 2 });
  const error: unknown = await expectRoom(dir, measure).catch((reason: unknown) => reason);
  expect(explain(error)).toBe(
    `The disk of ${dir} has 300 MiB left, and a stack needs 512 MiB. Free some space, or use another --dir.`,
  );
});
