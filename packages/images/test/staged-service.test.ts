import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layContext } from '../src/context.ts';

// A folder of its own, with no workspace above it: as /app is in the image.
let dir: string;
let app: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-staged-'));
  app = path.join(dir, 'services', 'identity');
  await layContext(dir, {
    services: ['identity'],
    runtime: false,
    epoch: 1_000_000_000,
    progress: () => undefined,
    signal: new AbortController().signal,
  });
}, 300_000);

afterAll(() => rm(dir, { recursive: true, force: true }));

const runIn = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: app,
    env: {},
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

test('the compiled service starts without the workspace, and names the settings that it lacks', () => {
  const { status, stdout } = runIn('main.js');
  const lines = stdout.trim().split('\n');
  const said = lines.map((line) => JSON.parse(line) as { event: string; setting: string });
  expect(said.map(({ setting }) => setting)).toContain('MONGODB_URL');
  expect(new Set(said.map(({ event }) => event))).toEqual(new Set(['config.invalid']));
  expect(status).toBe(78);
});

test('its other program is there too', () => {
  const argv = ['--tenant', 'Example', '--owner', 'o@example.com', '--domain', 'example.com'];
  const { status, stderr } = runIn('bootstrap.js', ...argv);
  expect(stderr).toContain('MONGODB_URL: is required');
  expect(status).toBe(78);
});

test('dependencies are patched as in the workspace', async () => {
  const file = path.join('node_modules', 'amqplib', 'lib', 'connection.js');
  const here = path.join(import.meta.dirname, '..', '..', 'broker', file);
  expect(await readFile(path.join(app, file), 'utf8')).toBe(await readFile(here, 'utf8'));
});

test('stack traces name the sources', () => {
  const script = `
    import { readConfig } from '@mysmtp/service';
    try { readConfig({ x: {} }, {}); } catch (error) { console.log(error.stack); }`;
  const { stdout } = runIn('--enable-source-maps', '--input-type=module', '--eval', script);
  expect(stdout).toMatch(/\/packages\/service\/src\/settings\.ts:\d+/);
});

test('what is imported only in a cluster can be imported', () => {
  const script = `
    import { createRequire } from 'node:module';
    const http = createRequire(import.meta.resolve('@mysmtp/http'));
    const { KubeConfig } = await import(http.resolve('@kubernetes/client-node'));
    console.log(typeof KubeConfig);`;
  expect(runIn('--input-type=module', '--eval', script).stdout.trim()).toBe('function');
});

test('no sources, tests, other services, development tools or notes of where it was made', async () => {
  const files = await readdir(app, { recursive: true });
  expect(files.filter((file) => /\.[cm]?ts$/.test(file))).toEqual([]);
  expect(files.filter((file) => /^(test|src|pnpm-)/.test(file))).toEqual([]);
  expect(files).not.toContain(path.join('node_modules', '.modules.yaml'));
  for (const name of [
    'typescript',
    'vitest',
    '@mysmtp/test-kit',
    '@mysmtp/projection',
    'nodemailer',
  ]) {
    expect(files).not.toContain(path.join('node_modules', name));
  }
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'node_modules/express/LICENSE']));
});
