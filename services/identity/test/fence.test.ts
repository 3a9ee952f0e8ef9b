import { createHash } from 'node:crypto';
import { eventually, proxyTo, type Erasures } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openErasing, type Erasing } from './support/erasing.ts';
import { startIdentity, type Identity } from './support/identity.ts';
import type { World } from './support/world.ts';

let erasing: Erasing;
let world: World;
let identity: Identity;
let operator: string;
let erasures: Erasures;

beforeAll(async () => {
  erasing = await openErasing();
  ({ world, identity, operator, erasures } = erasing);
});

afterAll(() => erasing[Symbol.asyncDispose]());

test('a fenced tenant is answered like an unknown one', async () => {
  const [going, staying] = [await erasing.register(), await erasing.register()];
  const [credential = ''] = going.ids.credentials;
  const [domain = ''] = going.ids.domains;
  const before = await erasing.documentsOf(going.id);
  // With an access, an operator would see it otherwise.
  const access = { tenant: going.id, reason: 'Test', ticket: 'T-1', minutes: 30 };
  expect((await identity.call('POST', '/v1/accesses', operator, access)).status).toBe(201);
  expect((await identity.call('GET', `/v1/tenants/${going.id}`, operator)).status).toBe(200);
  const fence = await erasures.raise(going.id);
  expect(erasures.answers('fenced', fence)).toMatchObject([
    { service: 'identity', wire: { finished: 0, unknown: 0 } },
  ]);

  const never = 'no-such-id';
  const questions = [
    ['GET', '/v1/tenants/{tenant}'],
    ['GET', '/v1/domains?tenant={tenant}'],
    ['GET', '/v1/credentials?tenant={tenant}'],
    ['GET', '/v1/tokens?tenant={tenant}'],
    ['POST', '/v1/domains', { tenant: '{tenant}', name: 'new.example' }],
    ['POST', '/v1/credentials', { tenant: '{tenant}' }],
    ['POST', '/v1/credentials', { tenant: '{tenant}', network: '172.16.0.0/16' }],
    ['POST', '/v1/tokens', { tenant: '{tenant}' }],
    ['POST', '/v1/accesses', { tenant: '{tenant}', reason: 'x', ticket: 'y', minutes: 1 }],
    ['DELETE', '/v1/credentials/{credential}'],
    ['DELETE', '/v1/domains/{domain}'],
    ['PATCH', '/v1/domains/{domain}', { signing: 'customer' }],
  ] as const;
  for (const [method, path, body] of questions) {
    const ask = (ids: { tenant: string; credential: string; domain: string }) => {
      const fill = (text: string) =>
        text.replace(/\{(\w+)\}/, (_all, name: keyof typeof ids) => ids[name]);
      const content = body === undefined ? undefined : JSON.parse(fill(JSON.stringify(body)));
      return identity.call(method, fill(path), operator, content);
    };
    const answer = await ask({ tenant: going.id, credential, domain });
    const asked = `${method} ${path}`;
    expect([asked, answer]).toEqual([
      asked,
      await ask({ tenant: never, credential: never, domain: never }),
    ]);
  }
  const owner = await identity.call('GET', '/v1/domains', going.token);
  expect(owner.status).toBe(401);
  const nobody = `mysmtp_${createHash('sha256').update('nobody').digest('base64url')}`;
  expect(await identity.call('GET', '/v1/domains', nobody)).toEqual(owner);
  expect(await erasing.documentsOf(going.id)).toEqual(before);

  expect((await identity.call('POST', '/v1/credentials', staying.token, {})).status).toBe(201);
  expect((await identity.call('GET', '/v1/domains', staying.token)).status).toBe(200);
});

test('a registration under way is not delayed by the fence of another tenant', async () => {
  const going = await erasing.register();
  const registering = Array.from({ length: 5 }, () => erasing.register());
  await erasures.raise(going.id);
  const made = await Promise.all(registering);
  expect(new Set(made.map(({ id }) => id)).size).toBe(5);
});

test('a process that may have missed a fence writes for no tenant and answers 503; revocations continue', async () => {
  const customer = await erasing.register();
  const [credential = ''] = customer.ids.credentials;
  await using away = new AsyncDisposableStack();
  const proxy = away.adopt(await proxyTo(world.broker.url), (open) => open.close());
  const elsewhere = away.use(await startIdentity(world, proxy.url, 2_000));
  proxy.cut();
  // The lease runs out.
  await eventually(
    async () => {
      const answer = await elsewhere.call('POST', '/v1/tokens', customer.token, {});
      expect(answer.status).toBe(503);
    },
    { timeout: 15_000, every: 500 },
  );
  const body = { name: 'New', domain: 'not-now.example' };
  expect((await elsewhere.call('POST', '/v1/tenants', operator, body)).status).toBe(503);
  expect((await elsewhere.call('GET', '/v1/domains', customer.token)).status).toBe(200);
  const url = `/v1/credentials/${credential}`;
  expect((await elsewhere.call('DELETE', url, customer.token)).status).toBe(204);
  proxy.mend();
  await eventually(async () => {
    expect((await elsewhere.call('POST', '/v1/tokens', customer.token, {})).status).toBe(201);
  });
});
