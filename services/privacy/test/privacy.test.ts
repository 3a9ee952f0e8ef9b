import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { openBroker, openControl } from '@mysmtp/broker';
import {
  internalApis,
  keyPurposes,
  purposeOf,
  registry,
  serviceNames,
  type ServiceName,
} from '@mysmtp/contracts';
import { CallError } from '@mysmtp/http';
import { KeyDestroyedError, openKeyring, type Keyring } from '@mysmtp/keys';
import { open, seal } from '@mysmtp/seal';
import { ConfigError } from '@mysmtp/service';
import { eventually } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, operatorToken, ownerToken, type World } from './running-service.ts';

const noon = Date.parse('2026-11-24T12:00:00Z');
let world: World;
const toClose: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  world = await openWorld(noon);
});

afterEach(async () => {
  for (const open of toClose.splice(0).toReversed()) await open.close();
  await world.close();
});

async function keyringOfDelivery(): Promise<Keyring> {
  const broker = openBroker({ url: world.broker.url, service: 'delivery', log: world.log });
  const control = openControl(broker);
  const keyring = openKeyring({
    service: 'delivery',
    client: await world.client('delivery'),
    control,
    signed: await world.keys.as('delivery', world.log),
    freshness: 60_000,
    clock: { now: () => world.now },
    log: world.log,
    metrics: new Registry(),
  });
  toClose.push(broker, control, keyring);
  return keyring;
}

const activate = async (tenant: string) =>
  (await world.client('identity')).call(internalApis.activateTenant, { tenant });

const codeOf = async (call: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof CallError ? error.status : error;
};

test('identity creates a tenant, the other services get its keys, no other caller does', async () => {
  await world.start();
  const delivery = await world.client('delivery');
  const request = { tenant: 't1' };
  expect((await world.ask('delivery', 't1')).state).toBe('unknown');
  expect(await activate('t1')).toEqual({ state: 'active' });
  expect((await world.ask('delivery', 't1')).state).toBe('active');
  // Only identity creates tenants, and a token of an operator or owner opens no internal route.
  expect(await codeOf(delivery.call(internalApis.activateTenant, request))).toBe(403);
  const internal = internalApis.resolveKeys.path;
  for (const token of [undefined, operatorToken, ownerToken]) {
    const answer = await world.request('POST', `${world.internalUrl}${internal}`, token, request);
    expect(answer.status).toBe(401);
    // The public API does not have it.
    expect((await world.request('POST', internal, token, request)).status).toBe(404);
  }
});

const mine = {
  account: 'account',
  index: 'index',
  mail: 'mail:2026-11-24',
  events: 'events:2026-11-24',
  client: 'client:2026-11-24',
  security: 'security:2026-11-01',
  audit: 'audit:2026-11-01',
};

test.each<[ServiceName, (keyof typeof mine)[]]>([
  ['ingress', ['account', 'index', 'mail', 'events', 'client', 'security']],
  ['delivery', ['account', 'index', 'mail', 'events', 'client', 'security']],
  ['logging', ['index', 'events', 'client', 'security', 'audit']],
  ['identity', ['account', 'index', 'client', 'security']],
])('%s gets keys for %j and no others, counted', async (caller, purposes) => {
  const metrics = await world.start();
  await activate('t1');
  for (const purpose of keyPurposes) {
    const code = await codeOf(world.ask(caller, 't1', [mine[purpose]]));
    expect([purpose, code]).toEqual([purpose, purposes.includes(purpose) ? undefined : 403]);
  }
  // If one requested key is forbidden, none is given.
  const all = world.ask(caller, 't1', Object.values(mine));
  expect(await codeOf(all)).toBe(purposes.length === keyPurposes.length ? undefined : 403);
  const { keys } = await world.ask(caller, 't1');
  expect(new Set(Object.keys(keys).map(purposeOf))).toEqual(new Set(purposes));
  const counted = await metrics.metrics();
  for (const purpose of keyPurposes) {
    const line = `mysmtp_keyring_keys_total{caller="${caller}",purpose="${purpose}"}`;
    expect(counted.includes(line)).toBe(purposes.includes(purpose));
  }
  const refusals = world.lines.filter(({ event }) => event === 'keyring.key_refused');
  expect(refusals.filter(({ peerService }) => peerService !== caller)).toEqual([]);
  expect(refusals.length > 0).toBe(purposes.length < keyPurposes.length);
});

test('a day beyond tomorrow, an impossible one and invalid input are refused', async () => {
  await world.start();
  await activate('t1');
  const delivery = await world.client('delivery');
  const asked = { id: randomUUID(), publicKey: randomBytes(32).toString('base64url') };
  // Our own client refuses to sign it.
  const ask = async (strange: object) => {
    const jws = await world.keys.signAny('delivery', 'keysAsked', { ...asked, ...strange });
    return delivery.call(internalApis.resolveKeys, { jws: jws.toString('latin1') });
  };
  for (const id of ['mail:2026-11-26', 'mail:2026-02-30', 'mail:2026-13-01', 'master']) {
    expect([id, await codeOf(ask({ tenant: 't1', ids: [id] }))]).toEqual([id, 400]);
  }
  expect(await codeOf(ask({ tenant: { $gt: '' } }))).toBe(400);
});

test('keys survive a restart, and only an operator can list the roots', async () => {
  await world.start();
  await activate('t1');
  const keyring = await keyringOfDelivery();
  const { mail, mailId } = await keyring.sealingKeys('t1');
  const sealed = seal(mail, { tenant: 't1', keyId: mailId, record: 'mail:1' }, Buffer.from('x'));
  await world.stop();
  await world.start();
  const again = await keyringOfDelivery();
  const key = await again.key('t1', mailId);
  expect(open(key, { tenant: 't1', record: 'mail:1' }, sealed).toString()).toBe('x');

  await eventually(async () => {
    const answer = await world.request('GET', '/v1/keyring', operatorToken);
    expect(answer.status).toBe(200);
    const { roots } = (await answer.json()) as { roots: { id: string; overdue: boolean }[] };
    expect(roots.map(({ id }) => id)).toEqual([
      'audit-2026-11-01',
      'client-2026-11-24',
      'client-2026-11-25',
      'epoch-000001',
      'events-2026-11-24',
      'events-2026-11-25',
      'mail-2026-11-24',
      'mail-2026-11-25',
      'security-2026-11-01',
    ]);
    expect(roots.some(({ overdue }) => overdue)).toBe(false);
  });
  expect((await world.request('GET', '/v1/keyring', ownerToken)).status).toBe(404);
  expect((await world.request('GET', '/v1/keyring')).status).toBe(401);
});

test('at midnight the job destroys due roots, and the broadcast empties caches at once', async () => {
  await world.start();
  await activate('t1');
  const keyring = await keyringOfDelivery();
  await eventually(async () => expect(await keyring.key('t1', 'mail:2026-11-24')).toBeDefined());
  await world.stop();
  // Mail keys of the 24th end at 00:00 of the 1st, and exist until the last second before it.
  world.now = Date.parse('2026-11-30T22:59:59.000Z');
  const metrics = await world.start();
  await eventually(async () =>
    expect(await metrics.metrics()).toContain('mysmtp_keyring_roots{kind="mail"} 4'),
  );
  world.now = Date.parse('2026-11-30T23:59:59.000Z');
  const day = await keyring.key('t1', 'mail:2026-11-24');
  expect(day.export().length).toBe(32);
  const before = world.lines.length;
  world.now = Date.parse('2026-12-01T00:00:00.001Z');
  await eventually(() =>
    expect(world.lines.slice(before).map(({ event }) => event)).toContain('keys.dropped'),
  );
  await expect(keyring.key('t1', 'mail:2026-11-24')).rejects.toThrow(KeyDestroyedError);
  expect(await readdir(path.join(world.dir, 'vault'))).not.toContain('mail-2026-11-24.root');
});

test('an operator starts a new epoch, and active tenants keep their keys', async () => {
  await world.start();
  await activate('t1');
  const keyring = await keyringOfDelivery();
  const before = (await keyring.key('t1', 'account')).export();
  expect((await world.request('POST', '/v1/keyring/epochs', ownerToken)).status).toBe(404);
  const answer = await world.request('POST', '/v1/keyring/epochs', operatorToken);
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ epoch: 'epoch-000002', rewrapped: 1 });
  const asked = world.lines.filter(({ event }) => event === 'keyring.epoch_requested');
  expect(asked).toMatchObject([{ actor: 'token:k2', root: 'epoch-000002' }]);
  const later = await keyringOfDelivery();
  expect((await later.key('t1', 'account')).export()).toEqual(before);
  expect(await readdir(path.join(world.dir, 'vault'))).not.toContain('epoch-000001.root');
});

test('the service does not start with a wrong vault, and names the root', async () => {
  await world.start();
  await activate('t1');
  await world.stop();
  const vault = path.join(world.dir, 'vault');
  const file = path.join(vault, 'epoch-000001.root');
  await writeFile(file, randomBytes(32), { mode: 0o600 });
  await expect(world.start()).rejects.toThrow(/^VAULT_DIR: root epoch-000001 is not the one/);
  await world.stop();
  await rm(vault, { recursive: true });
  await expect(world.start()).rejects.toThrow(ConfigError);
  expect(
    world.lines.filter(({ event }) => event === 'keyring.root_refused').length,
  ).toBeGreaterThan(1);
});

test("services that keep data under keys can request how long these are kept; privacy's own settings fit", async () => {
  await world.start();
  const logging = await world.client('logging');
  expect(await logging.call(internalApis.keyDays, {})).toEqual({ mail: 7, events: 31 });
  expect(await codeOf((await world.client('identity')).call(internalApis.keyDays, {}))).toBe(403);
  await world.close();
  world = await openWorld(noon, { DEAD_LETTER_RETENTION: '31d' });
  await expect(world.start()).rejects.toThrow(
    new ConfigError([
      {
        setting: 'DEAD_LETTER_RETENTION',
        reason: 'must be at most 30d: EVENTS_KEY_DAYS of privacy is 31',
      },
    ]),
  );
});

test('no log line contains a key, a root or a token', async () => {
  await world.start();
  await activate('t1');
  const { keys } = await world.ask('delivery', 't1');
  await world.request('POST', '/v1/keyring/epochs', operatorToken);
  const text = JSON.stringify(world.lines);
  const octets = Object.values(keys).map((key) => key.export().toString('base64'));
  expect(octets).toHaveLength(9);
  for (const secret of [...octets, operatorToken, ownerToken]) {
    expect(text).not.toContain(secret);
  }
});

test('the registry of personal data is public', async () => {
  await world.start();
  const answer = await world.request('GET', '/v1/registry');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(registry);
});

test('the keys of certificates (current and former) and of the services are public, without their private parts', async () => {
  await world.start();
  const file = await readFile(path.join(world.dir, 'certificate.jwks'), 'utf8');
  const set = JSON.parse(file) as { keys: { kid: string; x: string }[] };
  const answer = await world.request('GET', '/.well-known/jwks.json');
  expect(answer.status).toBe(200);
  const common = { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' };
  const [current, former] = set.keys.map(({ kid, x }) => ({ ...common, kid, x }));
  const services = JSON.parse(await readFile(path.join(world.dir, 'jwks'), 'utf8')) as typeof set;
  expect(await answer.json()).toEqual({
    keys: [
      current,
      former,
      ...services.keys.map(({ kid, x }) => ({ ...common, kid, x, service: kid })),
    ],
  });
  expect(services.keys.map(({ kid }) => kid)).toEqual(serviceNames);
  expect(former).toBeDefined();
});
