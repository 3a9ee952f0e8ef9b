import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeEnvironment, programOf, proxyTo } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApiServer } from './support/api-server.ts';
import { readDatabase } from './support/documents.ts';
import { startIdentity } from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

const good = [
  '--tenant',
  'Demo Ltd',
  '--owner',
  'jane.doe@demo.example',
  '--domain',
  'demo.example',
];

async function bootstrap(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...programOf('identity', 'bootstrap'), ...args], {
    env: {
      ...nodeEnvironment(),
      BIND_ADDRESS: '127.0.0.1',
      API_PORT: '1',
      INTERNAL_PORT: '2',
      OPERATIONS_PORT: '3',
      MONGODB_URL: world.mongodbUrl,
      RABBITMQ_URL: world.broker.url,
      SERVICE_KEY_FILE: world.keyFile('identity'),
      SERVICE_JWKS_FILE: world.jwksFile,
      PRIVACY_URL: world.privacyUrl,
      INGRESS_URL: world.ingress.url,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number]>;
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: (await exited)[0], stdout, stderr };
}

interface Output {
  readonly tenant: { readonly id: string; readonly domain: string; readonly ownerToken: string };
  readonly operator: { readonly token: string };
  readonly credential: { readonly username: string; readonly password: string };
}

test('an empty installation gets a tenant, an operator and one JSON line about them, although privacy and the broker start later', async () => {
  // All start at the same time.
  await world.privacy.stop();
  const broker = await proxyTo(world.broker.url);
  broker.cut();
  const tenants = () =>
    readDatabase(world.mongodbUrl, (db) => db.collection('tenants').countDocuments());
  const started = bootstrap([...good, '--network', '192.0.2.0/24'], {
    RABBITMQ_URL: broker.url,
  });
  await sleep(2_000);
  await world.privacy.start();
  await sleep(2_000);
  expect(await tenants()).toBe(0);
  broker.mend();
  const { code, stdout, stderr } = await started;
  await broker.close();
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  const fields = JSON.parse(stdout) as Output;
  expect(fields).toEqual({
    tenant: { id: expect.any(String), domain: 'demo.example', ownerToken: expect.any(String) },
    operator: { token: expect.any(String) },
    credential: { username: expect.any(String), password: expect.any(String) },
  });
  for (const personal of ['Demo Ltd', 'jane', 'demo.example', '192.0.2', fields.operator.token]) {
    expect(stderr).not.toContain(personal);
  }

  await using identity = await startIdentity(world);
  const { ownerToken, id } = fields.tenant;
  const tenant = await identity.call('GET', `/v1/tenants/${id}`, ownerToken);
  expect(tenant.body['tenant']).toMatchObject({ name: 'Demo Ltd', owner: 'jane.doe@demo.example' });
  const { credentials } = (await identity.call('GET', '/v1/credentials', ownerToken)).body;
  expect(credentials).toMatchObject([
    { type: 'network', network: '192.0.2.0/24' },
    { type: 'password', username: fields.credential.username },
  ]);
});

test('an existing domain is refused in plain words, and nothing is created', async () => {
  const count = () =>
    readDatabase(world.mongodbUrl, async (db) => [
      await db.collection('tenants').countDocuments(),
      await db.collection('tokens').countDocuments(),
    ]);
  const before = await count();
  const { code, stdout, stderr } = await bootstrap(good);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('This domain is taken: nothing was changed');
  expect(await count()).toEqual(before);
});

test('a wrong command line and a wrong setting are named', async () => {
  const usage = await bootstrap(['--tenant', 'Demo', '--frech']);
  expect(usage.code).toBe(64);
  expect(usage.stderr).toContain('--frech');
  expect(usage.stderr).toContain('Usage: ');
  const config = await bootstrap(good, { PRIVACY_URL: 'nowhere' });
  expect(config.code).toBe(78);
  expect(config.stderr).toContain('PRIVACY_URL');
});

test.each([
  ['PRIVACY_URL', { PRIVACY_URL: 'http://mysmtp-privacy:8081' }],
  ['INTERNAL_TLS_CA_FILE', { PRIVACY_URL: 'https://mysmtp-privacy:8081' }],
  ['INTERNAL_TLS_CERT_FILE', { BIND_ADDRESS: '0.0.0.0' }],
])('other machines are not spoken to without TLS: %s is named', async (name, env) => {
  const { code, stderr } = await bootstrap(good, env);
  expect(code).toBe(78);
  expect(stderr).toContain(`${name}: `);
});

test('in a cluster the output goes into the Secret only, and once', async () => {
  const api = await startApiServer();
  const options = '--owner john@kept.example --domain kept.example --secret first-tenant';
  const args = ['--tenant', 'Kept Ltd', ...options.split(' ')];
  const env = { KUBECONFIG: api.kubeconfig };
  const tenants = () =>
    readDatabase(world.mongodbUrl, (db) => db.collection('tenants').countDocuments());
  const before = await tenants();

  // If the output could not be stored, nothing is created.
  api.refusesReads = 403;
  const refused = await bootstrap(args, env);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('The Secret first-tenant cannot be read (403)');
  expect(await tenants()).toBe(before);

  // An API server that is unavailable for a moment loses nothing.
  api.refusesReads = undefined;
  api.refusesWrites = 500;
  setTimeout(() => (api.refusesWrites = undefined), 3_000);
  const made = await bootstrap(args, env);
  expect([made.code, made.stdout]).toEqual([0, '']);
  const kept = Object.fromEntries(
    Object.entries(api.data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
  expect(Object.keys(kept).toSorted()).toEqual([
    'domain',
    'operator-token',
    'owner-token',
    'password',
    'tenant',
    'username',
  ]);
  const { tenant: id = '', ...unsaid } = kept;
  for (const secret of Object.values(unsaid)) expect(made.stderr).not.toContain(secret);
  await using identity = await startIdentity(world);
  const seen = await identity.call('GET', `/v1/tenants/${id}`, kept['owner-token'] ?? '');
  expect(seen.status).toBe(200);
  expect((await identity.call('GET', '/v1/tokens', kept['operator-token'] ?? '')).status).toBe(200);

  const again = await bootstrap(args, env);
  expect([again.code, again.stdout]).toEqual([0, '']);
  expect(await tenants()).toBe(before + 1);
  await api.close();
});
