import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { DomainState, IdentityChange } from '@mysmtp/contracts';
import { eventually, startPeer, type PeerScript } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryConfig } from '../src/config.ts';
import { dnsRecordValue, newPrivateKey } from '../src/signing/dkim-key.ts';
import { plainMessage } from './mail.ts';
import { stateOf } from './neighbours.ts';
import { startService, type Service } from './service.ts';
import { domain, startWorld, tenant, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let cleanup: AsyncDisposableStack;
beforeEach(() => {
  cleanup = new AsyncDisposableStack();
});
afterEach(() => cleanup.disposeAsync());

async function startBoth(script: PeerScript = {}, config: Partial<DeliveryConfig> = {}) {
  const peer = await startPeer(script);
  cleanup.defer(peer.close);
  const smarthost = { host: '127.0.0.1', port: peer.port };
  const service = await startService(world, { smarthost, ...config });
  cleanup.defer(service.close);
  return { peer, service };
}

interface DnsRecord {
  name: string;
  type: string;
  value: string;
}

async function recordOf(service: Service): Promise<DnsRecord> {
  const { status, body } = await service.call(
    `owner-of-${tenant}`,
    `/v1/domains/${domain.id}/dkim`,
  );
  expect(status).toBe(200);
  const [record] = (body as { records: DnsRecord[] }).records;
  if (record === undefined) throw new Error('no record');
  return record;
}

/** mailauth's verifier with the published record as its DNS. */
async function verify(message: Buffer, record: DnsRecord) {
  const { results } = await dkimVerify(message, {
    resolver: async (name: string, type: string) => {
      if (type === 'TXT' && name === record.name) return [[record.value]];
      throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
    },
  });
  return results;
}

const folded = [
  'Received: by mail.relay.test; Tue, 24 Nov 2026 12:00:01 +0000',
  'FROM:  "Hello,\r\n\tthere"   <hello@demo.example.org>',
  'To: someone@a.test,',
  ' someone-else@a.test\t',
  'Subject:  Gr\u00fc\u00dfe   aus\t der Ferne ',
  'subject: a second one',
  'Date: Tue, 24 Nov 2026 12:00:00 +0000',
  'Message-ID: <1@demo.example.org>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Trailing space   ',
  '\ttabs\tand  runs ',
  '',
  '',
  '',
].join('\r\n');

test.each([
  ['a plain message', plainMessage],
  ['folded, UTF-8 and doubled fields', folded],
  ['an empty body', 'From: hello@demo.example.org\r\n\r\n'],
])('%s is signed so that mailauth verifies it with the published record', async (_name, text) => {
  const { peer, service } = await startBoth();
  await world.send({ message: text, signAs: domain.id });
  await eventually(() => expect(peer.received).toHaveLength(1));
  const raw = peer.received[0]?.raw ?? Buffer.alloc(0);
  const octets = Buffer.from(text);
  expect(raw.subarray(-octets.length).equals(octets)).toBe(true);
  const added = raw.subarray(0, -octets.length).toString().trimEnd().split('\r\n');
  expect(added.every((line) => line.length <= 78)).toBe(true);
  const record = await recordOf(service);
  expect(record.name).toMatch(/^mysmtp-[0-9a-f]{10}\._domainkey\.demo\.example\.org$/);
  const [result, ...others] = await verify(raw, record);
  expect(others).toEqual([]);
  expect(result?.status.result).toBe('pass');
  expect(result?.signingDomain).toBe('demo.example.org');
});

test.each([
  ['in memory', false],
  ['spooled', true],
])(
  'an 8-bit message reaches a receiver without 8BITMIME in 7-bit, with a signature that is valid for it (%s)',
  async (_name, spooled) => {
    const { peer, service } = await startBoth({ options: { hide8BITMIME: true } });
    const message = [
      'From: hello@demo.example.org',
      'Subject: Test',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      'Grüße',
      '',
    ].join('\r\n');
    const id = await world.send({ message, spooled, eightBit: true, signAs: domain.id });
    await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('delivered'));
    const [received] = peer.received;
    expect(received?.parameters).not.toHaveProperty('BODY');
    const raw = received?.raw ?? Buffer.alloc(0);
    expect(raw.toString('latin1')).toContain('quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n');
    const [result] = await verify(raw, await recordOf(service));
    expect(result?.status.result).toBe('pass');
  },
);

test('an 8-bit message that cannot be recoded bounces at a receiver without 8BITMIME', async () => {
  const { peer } = await startBoth({ options: { hide8BITMIME: true } });
  const message = [
    'From: hello@demo.example.org',
    'MIME-Version: 1.0',
    'Content-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Grüße',
    '--b--',
    '',
  ].join('\r\n');
  const id = await world.send({ message, from: '', eightBit: true, signAs: domain.id });
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('bounced'));
  const [event] = world.eventsOf(id);
  expect(event && world.attemptsOf(event)).toMatchObject([{ enhancedCode: '5.6.3' }]);
  expect(peer.attempted).toEqual([]);
});

test('a DSN is signed for the domain of its author, with the DSN key', async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'mysmtp-test-')), 'private.pem');
  cleanup.defer(() => rm(path.dirname(file), { recursive: true }));
  const privateKey = await newPrivateKey();
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const { peer } = await startBoth(
    { onRcpt: (to) => (to === 'nobody@b.test' ? { code: 550, text: '5.1.1 Nobody' } : 'accept') },
    { dsnDkimKeyFile: file, dsnDkimSelector: 'reports' },
  );
  await world.send({ to: ['nobody@b.test'] });
  await eventually(() => expect(peer.received).toHaveLength(1));
  const [dsn] = peer.received;
  const raw = dsn?.raw ?? Buffer.alloc(0);
  expect(dsn?.from).toBe('');
  expect(dsn?.parameters).toMatchObject({ SIZE: String(raw.length) });
  expect(raw.toString()).toContain(
    '\r\nFrom: Mail delivery system <postmaster@bounces.relay.test>',
  );
  const name = 'reports._domainkey.bounces.relay.test';
  const [result] = await verify(raw, { name, type: 'TXT', value: dnsRecordValue(privateKey) });
  expect(result?.status.result).toBe('pass');
  expect(result?.signingDomain).toBe('bounces.relay.test');
});

test('mail of a removed domain bounces, because its key never returns', async () => {
  const { peer, service } = await startBoth();
  const removed: IdentityChange = {
    v: 1,
    entity: 'domain',
    id: 'domain-gone',
    version: 2,
    state: null,
  };
  await world.neighbours.serviceKeys.tell(world.broker, removed);
  const known = world.connection.collection<{ _id: string }>('identityProjection');
  await eventually(async () =>
    expect(await known.countDocuments({ _id: `domain:${removed.id}` })).toBe(1),
  );
  const id = await world.send({ from: '', signAs: removed.id });
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('bounced'));
  const [event] = world.eventsOf(id);
  expect(event && world.attemptsOf(event)).toMatchObject([{ site: null, enhancedCode: '5.1.8' }]);
  expect(peer.attempted).toEqual([]);
  expect(service.logged('dkim.signing_unavailable')).toEqual([]);
});

test('a changed body, a changed subject and a second From make the signature fail', async () => {
  const { peer, service } = await startBoth();
  await world.send({ signAs: domain.id });
  await eventually(() => expect(peer.received).toHaveLength(1));
  const raw = peer.received[0]?.raw.toString('latin1') ?? '';
  const record = await recordOf(service);
  const changed = [
    raw.replace('bye.', 'pay!'),
    raw.replace('Subject: Test', 'Subject: Best'),
    raw.replace('From: Hello', 'From: other@evil.test\r\nFrom: Hello'),
    raw.replace('Subject: Test', 'Subject: Test\r\nFrom: other@evil.test'),
  ];
  for (const text of changed) {
    expect(text).not.toBe(raw);
    const [result] = await verify(Buffer.from(text, 'latin1'), record);
    expect(result?.status.result).not.toBe('pass');
  }
});

test('the key exists before the first mail, is the same after a restart, and is sealed in the database', async () => {
  const first = await startBoth();
  const record = await recordOf(first.service);
  await first.service.close();
  const second = await startBoth();
  expect(await recordOf(second.service)).toEqual(record);
  const [document] = await world.connection.collection('dkimKeys').find().toArray();
  expect(Object.keys(document ?? {}).toSorted()).toEqual([
    '_id',
    'createdAt',
    'privateKey',
    'selector',
    'tenant',
  ]);
  expect(JSON.stringify(document)).not.toContain('demo.example.org');
});

test("404 for another tenant's domain, an unknown one and an operator, 401 without a token", async () => {
  const { service } = await startBoth();
  const path = `/v1/domains/${domain.id}/dkim`;
  expect((await service.call('owner-of-tenant-2', path)).status).toBe(404);
  expect((await service.call(`owner-of-${tenant}`, '/v1/domains/none/dkim')).status).toBe(404);
  expect((await service.call('operator', path)).status).toBe(404);
  expect((await service.call('nobody', path)).status).toBe(401);
  expect(service.logged('access.foreign')).toMatchObject([
    { tenant: 'tenant-2', route: '/v1/domains/{id}/dkim' },
  ]);
});

test('the key of a domain is reported to identity, again after identity was down', async () => {
  world.neighbours.away.add('identity');
  world.neighbours.dkimKeys.clear();
  const down = await startBoth();
  await eventually(() => expect(down.service.logged('dkim.key_not_reported')).not.toEqual([]));
  world.neighbours.away.delete('identity');
  await down.service.close();
  const { service } = await startBoth();
  const record = await recordOf(service);
  await eventually(() => {
    const { selector, publicKey } = world.neighbours.dkimKeys.get(domain.id) ?? {};
    expect(record.name).toBe(`${selector ?? ''}._domainkey.${domain.name}`);
    expect(record.value).toBe(`v=DKIM1; k=rsa; p=${publicKey ?? ''}`);
  });
});

test('a message is signed only with a key that DNS publishes, or that an operator vouches for', async () => {
  const { peer, service } = await startBoth();
  const { name } = await recordOf(service);
  const dkimSelector = name.split('.')[0] ?? '';
  const state = stateOf(world.neighbours, domain);
  cleanup.defer(() =>
    world.neighbours.change(world.broker, { entity: 'domain', id: domain.id, state }),
  );
  const known = world.connection.collection<{ _id: string }>('identityProjection');
  const isSigned = async (more: Partial<DomainState>): Promise<boolean> => {
    const { version } = world.neighbours.know({
      entity: 'domain',
      id: domain.id,
      state: { ...state, ...more },
    });
    const change: IdentityChange = {
      v: 1,
      entity: 'domain',
      id: domain.id,
      version,
      state: { ...state, ...more },
    };
    await world.neighbours.serviceKeys.tell(world.broker, change);
    await eventually(async () =>
      expect(await known.countDocuments({ _id: `domain:${domain.id}`, version })).toBe(1),
    );
    const before = peer.received.length;
    await world.send({ signAs: domain.id });
    await eventually(() => expect(peer.received).toHaveLength(before + 1));
    return peer.received[before]?.raw.toString().startsWith('DKIM-Signature:') ?? false;
  };
  const status = 'verified' as const;
  expect(await isSigned({ status, dkim: 'missing' })).toBe(false);
  expect(await isSigned({ status, dkim: 'missing', dkimSelector })).toBe(false);
  expect(await isSigned({ status, dkim: 'published', dkimSelector })).toBe(true);
  expect(await isSigned({ status, dkim: 'published', dkimSelector: 'mysmtp-of-before' })).toBe(
    false,
  );
  expect(await isSigned({ status: 'vouched', dkim: 'assumed' })).toBe(true);
  expect(await isSigned({})).toBe(true);
  expect(await service.metric('mysmtp_delivery_unsigned_total')).toBe(3);
});

test('a message that cannot be signed waits and is never sent unsigned', async () => {
  const { peer, service } = await startBoth();
  const id = await world.send({ signAs: 'domain-not-known-yet' });
  await eventually(async () => {
    const [document] = (await world.open()).filter(({ _id }) => _id === id);
    expect(document).toMatchObject({ state: 'ready', recipients: [{ tries: 0 }] });
  });
  expect(peer.attempted).toEqual([]);
  expect(service.logged('dkim.signing_unavailable')).toHaveLength(1);
});
