import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { DomainState } from '@mysmtp/contracts';
import { eventually, startPeer, type Peer, type PeerScript } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryConfig } from '../src/config.ts';
import { dnsRecordValue, newRsaKey } from '../src/signing/dkim-key.ts';
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

/** The records of the RSA key and of the Ed25519 key. */
async function recordsOf(service: Service): Promise<[DnsRecord, DnsRecord]> {
  const { status, body } = await service.call(
    `owner-of-${tenant}`,
    `/v1/domains/${domain.id}/dkim`,
  );
  expect(status).toBe(200);
  const [rsa, ed25519, ...others] = (body as { records: DnsRecord[] }).records;
  if (rsa === undefined || ed25519 === undefined) throw new Error('a record is missing');
  expect(others).toEqual([]);
  return [rsa, ed25519];
}

const recordOf = async (service: Service): Promise<DnsRecord> => (await recordsOf(service))[0];

const selectorOf = ({ name }: DnsRecord): string => name.split('.')[0] ?? '';

/** mailauth's verifier with the published records as its DNS. */
async function verify(message: Buffer, ...records: readonly DnsRecord[]) {
  const { results } = await dkimVerify(message, {
    resolver: async (name: string, type: string) => {
      const found = records.find((record) => record.name === name);
      if (type === 'TXT' && found !== undefined) return [[found.value]];
      throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
    },
  });
  return results;
}

/** As `verify`; the algorithm and the result of each signature, from the top. */
async function resultsOf(message: Buffer, ...records: readonly DnsRecord[]): Promise<string[]> {
  const results = await verify(message, ...records);
  return results.map(({ algo = '', status }) => `${algo} ${status.result}`);
}

const stateOfDomain = () => stateOf(world.neighbours, domain);

/** Identity tells the service this about the domain, until the end of the test. */
async function tellState(more: Partial<DomainState>): Promise<void> {
  cleanup.defer(() =>
    world.neighbours.change(world.broker, {
      entity: 'domain',
      id: domain.id,
      state: stateOfDomain(),
    }),
  );
  const state = { ...stateOfDomain(), ...more };
  const change = world.neighbours.know({ entity: 'domain', id: domain.id, state });
  await world.neighbours.serviceKeys.tell(world.broker, change);
  const known = world.connection.collection<{ _id: string }>('identityProjection');
  const { version } = change;
  await eventually(async () =>
    expect(await known.countDocuments({ _id: `domain:${domain.id}`, version })).toBe(1),
  );
}

/** The next message as the peer received it. */
async function sendOne({ received }: Peer, message = plainMessage): Promise<Buffer> {
  const before = received.length;
  await world.send({ message, signAs: domain.id });
  await eventually(() => expect(received).toHaveLength(before + 1));
  return received[before]?.raw ?? Buffer.alloc(0);
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
])(
  '%s has an RSA and an Ed25519 signature, which fail if it is changed (RFC 8463)',
  async (_name, text) => {
    const { peer, service } = await startBoth();
    const [rsa, ed25519] = await recordsOf(service);
    await tellState({
      status: 'verified',
      dkim: 'published',
      dkimSelector: selectorOf(rsa),
      ed25519: 'published',
      ed25519Selector: selectorOf(ed25519),
    });
    const raw = await sendOne(peer, text);
    const octets = Buffer.from(text);
    expect(raw.subarray(-octets.length).equals(octets)).toBe(true);
    const added = raw.subarray(0, -octets.length).toString().trimEnd().split('\r\n');
    expect(added.every((line) => line.length <= 78)).toBe(true);
    for (const { name } of [rsa, ed25519])
      expect(name).toMatch(/^mysmtp-[0-9a-f]{10}\._domainkey\.demo\.example\.org$/);
    expect(await resultsOf(raw, rsa, ed25519)).toEqual(['rsa-sha256 pass', 'ed25519-sha256 pass']);
    const changed = Buffer.concat([raw, Buffer.from('One more line.\r\n')]);
    expect(await resultsOf(changed, rsa, ed25519)).toEqual([
      'rsa-sha256 neutral',
      'ed25519-sha256 neutral',
    ]);
    const forged = Buffer.concat([Buffer.from('From: other@evil.test\r\n'), raw]);
    expect(await resultsOf(forged, rsa, ed25519)).toEqual([
      'rsa-sha256 fail',
      'ed25519-sha256 fail',
    ]);
  },
);

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
  const privateKey = await newRsaKey();
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
  const removed = { entity: 'domain', id: 'domain-gone', state: null } as const;
  // Also in the snapshot, which the service may take only after this.
  await world.neighbours.change(world.broker, removed);
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

test('the keys exist before the first mail, are the same after a restart, and are sealed in the database', async () => {
  const first = await startBoth();
  const records = await recordsOf(first.service);
  await first.service.close();
  const second = await startBoth();
  expect(await recordsOf(second.service)).toEqual(records);
  const [document] = await world.connection.collection('dkimKeys').find().toArray();
  expect(Object.keys(document ?? {}).toSorted()).toEqual([
    '_id',
    'createdAt',
    'ed25519PrivateKey',
    'ed25519Selector',
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

test('the keys of a domain are reported to identity, again after identity was down', async () => {
  world.neighbours.away.add('identity');
  world.neighbours.dkimKeys.clear();
  const down = await startBoth();
  await eventually(() => expect(down.service.logged('dkim.key_not_reported')).not.toEqual([]));
  world.neighbours.away.delete('identity');
  await down.service.close();
  const { service } = await startBoth();
  const records = await recordsOf(service);
  await eventually(() => {
    const rsa = world.neighbours.dkimKeys.get(domain.id);
    const ed25519 = rsa?.ed25519;
    expect(records).toMatchObject([
      {
        name: `${rsa?.selector ?? ''}._domainkey.${domain.name}`,
        value: `v=DKIM1; k=rsa; p=${rsa?.publicKey ?? ''}`,
      },
      {
        name: `${ed25519?.selector ?? ''}._domainkey.${domain.name}`,
        value: `v=DKIM1; k=ed25519; p=${ed25519?.publicKey ?? ''}`,
      },
    ]);
    // RFC 8463 4.
    expect(Buffer.from(ed25519?.publicKey ?? '', 'base64')).toHaveLength(32);
  });
});

test('a message is signed only with keys that DNS publishes, or that an operator vouches for', async () => {
  const { peer, service } = await startBoth();
  const [rsa, ed25519] = await recordsOf(service);
  const [dkimSelector, ed25519Selector] = [selectorOf(rsa), selectorOf(ed25519)];
  const algorithms = async (more: Partial<DomainState>): Promise<string[]> => {
    await tellState(more);
    const results = await verify(await sendOne(peer), rsa, ed25519);
    for (const { status } of results) expect(status.result).toMatch(/^(pass|none)$/);
    return results.flatMap(({ algo = '', status }) => (status.result === 'pass' ? algo : []));
  };
  const both = ['rsa-sha256', 'ed25519-sha256'];
  const [first, second] = both;
  const status = 'verified' as const;
  expect(await algorithms({ status, dkim: 'missing' })).toEqual([]);
  expect(await algorithms({ status, dkim: 'missing', dkimSelector })).toEqual([]);
  const published = { status, dkim: 'published', dkimSelector } as const;
  expect(await algorithms(published)).toEqual([first]);
  expect(await algorithms({ ...published, dkimSelector: 'mysmtp-of-before' })).toEqual([]);
  expect(await algorithms({ ...published, ed25519Selector, ed25519: 'missing' })).toEqual([first]);
  expect(await algorithms({ ...published, ed25519Selector, ed25519: 'published' })).toEqual(both);
  const before = { ed25519Selector: 'mysmtp-of-before', ed25519: 'published' } as const;
  expect(await algorithms({ ...published, ...before })).toEqual([first]);
  const alone = { ed25519Selector, ed25519: 'published' } as const;
  expect(await algorithms({ status, dkim: 'missing', ...alone })).toEqual([second]);
  const assumed = { status: 'vouched', dkim: 'assumed' } as const;
  expect(await algorithms({ ...assumed, ed25519Selector, ed25519: 'missing' })).toEqual(both);
  // Identity of the release before, which knows no Ed25519 keys, or nothing about DNS.
  expect(await algorithms(assumed)).toEqual([first]);
  expect(await algorithms({})).toEqual([first]);
  expect(await service.metric('mysmtp_delivery_unsigned_total')).toBe(3);
});

test('a domain of the release before keeps its RSA key, and gets an Ed25519 key once identity takes it', async () => {
  const { peer, service } = await startBoth();
  const [rsa, first] = await recordsOf(service);
  const keys = world.connection.collection<{ _id: string }>('dkimKeys');
  const before = { $unset: { ed25519Selector: 1, ed25519PrivateKey: 1 } } as const;
  await keys.updateOne({ _id: domain.id }, before);
  const published = {
    status: 'verified',
    dkim: 'published',
    dkimSelector: selectorOf(rsa),
  } as const;
  // Another key than before is named, so the keys are read again.
  await tellState({ ...published, ed25519Selector: 'mysmtp-none', ed25519: 'published' });
  expect(await resultsOf(await sendOne(peer), rsa)).toEqual(['rsa-sha256 pass']);

  await tellState(published);
  const { neighbours } = world;
  neighbours.takesOnlyRsa = true;
  cleanup.defer(() => {
    neighbours.takesOnlyRsa = false;
  });
  const reported = async (): Promise<string | undefined> => {
    neighbours.dkimKeys.clear();
    // Its first review of the keys is at its start.
    const next = await startService(world);
    const report = await eventually(() => {
      const found = neighbours.dkimKeys.get(domain.id);
      expect(found?.selector).toBe(selectorOf(rsa));
      return found;
    });
    await next.close();
    return report?.ed25519?.selector;
  };
  expect(await reported()).toBeUndefined();
  neighbours.takesOnlyRsa = false;
  const ed25519Selector = await reported();
  expect(ed25519Selector).toMatch(/^mysmtp-/);
  expect(ed25519Selector).not.toBe(selectorOf(first));
  expect(await resultsOf(await sendOne(peer), rsa)).toEqual(['rsa-sha256 pass']);

  // The other process has the key by now.
  await tellState({ ...published, ed25519Selector: ed25519Selector ?? '', ed25519: 'published' });
  const raw = await sendOne(peer);
  const records = await recordsOf(service);
  expect(records[0]).toEqual(rsa);
  expect(await resultsOf(raw, ...records)).toEqual(['rsa-sha256 pass', 'ed25519-sha256 pass']);
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
