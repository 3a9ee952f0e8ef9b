import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@mysmtp/tooling';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layContext } from '../src/context.ts';
import { startApiServer } from './api-server.ts';

// A folder without a workspace above it, as /app in the image.
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

test('the compiled service starts without the workspace, and names the missing settings', () => {
  const { status, stdout } = runIn('main.js');
  const lines = stdout.trim().split('\n');
  const said = lines.map((line) => JSON.parse(line) as { event: string; setting: string });
  expect(said.map(({ setting }) => setting)).toContain('MONGODB_URL');
  expect(new Set(said.map(({ event }) => event))).toEqual(new Set(['config.invalid']));
  expect(status).toBe(78);
});

test('its other program exists too', () => {
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

test('modules that are imported only in a cluster can be imported', () => {
  const script = `
    import { createRequire } from 'node:module';
    const http = createRequire(import.meta.resolve('@mysmtp/http'));
    const { KubeConfig } = await import(http.resolve('@mysmtp/kubernetes'));
    console.log(typeof KubeConfig);`;
  expect(runIn('--input-type=module', '--eval', script).stdout.trim()).toBe('function');
});

test('it reviews tokens at the API server, and reads and writes a Secret', async () => {
  await using apiServer = await startApiServer(path.join(dir, 'cluster'));
  const script = `
    const { openTokenReview } = await import('${app}/node_modules/@mysmtp/http/dist/trust/token-review.js');
    const { keeperFor } = await import('${app}/bootstrap/keep.js');
    const review = await openTokenReview();
    const reviewed = await review('a-token', 'mysmtp-identity');
    const keep = await keeperFor('first-tenant');
    const said = [reviewed, keep !== undefined];
    await keep({
      tenant: { id: 't', domain: 'd', ownerToken: 'o' },
      operator: { token: 'p' },
      credential: { username: 'u', password: 'w' },
    });
    console.log(JSON.stringify(said));`;
  const argv = ['--input-type=module', '--eval', script];
  const options = { cwd: app, env: { KUBECONFIG: apiServer.kubeconfig } };
  const { stdout } = await promisify(execFile)(process.execPath, argv, options);
  expect(JSON.parse(stdout)).toEqual(['system:serviceaccount:mail:mysmtp-ingress', true]);
  expect(apiServer.requests).toMatchObject([
    {
      route: 'POST /apis/authentication.k8s.io/v1/tokenreviews',
      authorization: 'Bearer ours',
      body: { kind: 'TokenReview', spec: { token: 'a-token', audiences: ['mysmtp-identity'] } },
    },
    { route: 'GET /api/v1/namespaces/mail/secrets/first-tenant' },
    {
      route: 'PATCH /api/v1/namespaces/mail/secrets/first-tenant',
      contentType: 'application/merge-patch+json',
      body: { stringData: { username: 'u' } },
    },
  ]);
});

test('of the Kubernetes client the image has the used parts, with licence and package.json', async () => {
  const modules = path.join(app, 'node_modules');
  const folder = path.join(modules, '@mysmtp', 'kubernetes', 'dist');
  const names = await readdir(modules);
  for (const name of ['@kubernetes', 'hpagent', 'tar-fs', 'ws']) {
    expect(names).not.toContain(name);
  }
  const code = await readFile(path.join(folder, 'index.js'), 'utf8');
  expect(code).toContain('tokenreviews');
  expect(code).not.toContain('/apis/batch/v1/');
  expect(code).not.toContain(repositoryRoot);
  for (const name of ['@kubernetes/client-node', 'undici', 'openid-client']) {
    const files = await readdir(path.join(folder, 'libraries', name));
    expect(files).toContain('package.json');
    expect(files).toContainEqual(expect.stringMatching(/^license/i));
  }
});

test('no sources, tests, other services, development tools or paths of the build machine', async () => {
  const files = await readdir(app, { recursive: true });
  expect(files.filter((file) => /\.[cm]?ts$/.test(file))).toEqual([]);
  expect(files.filter((file) => /^(test|src|pnpm-)/.test(file))).toEqual([]);
  expect(files).not.toContain(path.join('node_modules', '.modules.yaml'));
  for (const name of ['typescript', 'vitest', '@mysmtp/test-kit', 'fast-check', 'smtp-server']) {
    expect(files).not.toContain(path.join('node_modules', name));
  }
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'node_modules/express/LICENSE']));
});
