import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serviceNames, signedKinds, type FenceRaised, type ServiceName } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { CompactSign, importJWK, UnsecuredJWT, type JWK } from 'jose';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import { openSigned, type Signed } from '../src/index.ts';

let dir: string;
const metrics = new Registry();
const lines: Record<string, unknown>[] = [];
let privacy: Signed;
let ingress: Signed;
const privateKeys = new Map<ServiceName, JWK>();
const fence: z.infer<typeof FenceRaised> = {
  v: 1,
  erasure: randomUUID(),
  subject: { kind: 'tenant', tenant: 't1' },
};

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-signed-'));
  const keys = [];
  for (const service of serviceNames) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const jwk = privateKey.export({ format: 'jwk' }) as JWK;
    privateKeys.set(service, jwk);
    await writeFile(path.join(dir, service), JSON.stringify(jwk));
    keys.push({ ...publicKey.export({ format: 'jwk' }), kid: service, alg: 'EdDSA' });
  }
  await writeFile(path.join(dir, 'jwks'), JSON.stringify({ keys }));
  const open = (name: ServiceName, registry = new Registry()) =>
    openSigned({
      name,
      config: {
        serviceKeyFile: path.join(dir, name),
        serviceJwksFile: path.join(dir, 'jwks'),
      },
      log: createLogger(name, 'error', {
        write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
      }),
      metrics: registry,
    });
  privacy = await open('privacy');
  ingress = await open('ingress', metrics);
});

afterAll(() => rm(dir, { recursive: true }));
afterEach(() => vi.useRealTimers());

/** Signs what `openSigned` would not. */
async function forge(
  as: ServiceName,
  header: { typ?: string; kid?: string; alg?: string },
  payload: unknown = { at: Date.now(), id: randomUUID(), said: fence },
): Promise<Buffer> {
  const key = await importJWK(privateKeys.get(as) ?? {}, 'EdDSA');
  const jws = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: signedKinds.fence.typ, kid: as, ...header })
    .sign(key);
  return Buffer.from(jws);
}

async function refusalOf(content: Buffer): Promise<string> {
  const heard = await ingress.hear('fence', content);
  if ('said' in heard) throw new Error('It was believed');
  expect(lines.at(-1)).toMatchObject({
    event: 'message.refused',
    status: 'fence',
    reason: heard.refused,
  });
  return heard.refused;
}

test('what its speaker has signed is heard, with who said it and when', async () => {
  const before = Date.now();
  const heard = await ingress.hear('fence', await privacy.sign('fence', fence));
  if ('refused' in heard) throw new Error(heard.refused);
  expect(heard).toMatchObject({ said: fence, by: 'privacy' });
  expect(heard.at).toBeGreaterThanOrEqual(before);
});

test('what nobody has signed', async () => {
  const payload = { at: Date.now(), id: randomUUID(), said: fence };
  for (const content of [
    Buffer.from(JSON.stringify(fence)),
    Buffer.from('a.b.c'),
    Buffer.alloc(0),
    Buffer.from(new UnsecuredJWT(payload).encode()),
  ]) {
    expect(await refusalOf(content)).toBe('unsigned');
  }
});

test('another service’s signature, under its own name and under the speaker’s', async () => {
  for (const service of serviceNames.filter((name) => name !== 'privacy')) {
    expect(await refusalOf(await forge(service, {}))).toBe('other_speaker');
    expect(await refusalOf(await forge(service, { kid: 'privacy' }))).toBe('signature');
  }
  expect(await refusalOf(await forge('privacy', { kid: 'nobody' }))).toBe('other_speaker');
});

test('each kind under the type of each other one', async () => {
  const kinds = Object.keys(signedKinds) as (keyof typeof signedKinds)[];
  for (const [kind, { typ, speakers }] of Object.entries(signedKinds)) {
    for (const other of kinds.filter((name) => name !== kind)) {
      const heard = await ingress.hear(other, await forge(speakers[0], { typ }));
      expect(heard, `${kind} as ${other}`).toEqual({ refused: 'other_kind' });
    }
  }
});

test('an octet that was changed, in any part', async () => {
  const [header = '', payload = '', signature = ''] = String(
    await privacy.sign('fence', fence),
  ).split('.');
  const other = Buffer.from(JSON.stringify({ at: Date.now(), id: randomUUID(), said: fence }));
  const changed = [
    [header, other.toString('base64url'), signature],
    [header, payload, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
  ];
  for (const parts of changed) {
    expect(await refusalOf(Buffer.from(parts.join('.')))).toBe('signature');
  }
});

test('a broadcast counts once', async () => {
  const content = await privacy.sign('fence', fence);
  expect(await ingress.hear('fence', content)).toMatchObject({ said: fence });
  expect(await refusalOf(content)).toBe('again');
});

test('a broadcast counts for a minute, by a clock that may differ by as much', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  for (const [away, reason] of [
    [60_000, undefined],
    [-60_000, undefined],
    [60_001, 'late'],
    [-60_001, 'late'],
  ] as const) {
    const content = await privacy.sign('fence', fence);
    vi.setSystemTime(Date.now() + away);
    const heard = await ingress.hear('fence', content);
    expect('refused' in heard ? heard.refused : undefined, String(away)).toBe(reason);
  }
});

test('one that was captured is not heard again after its minute, when nobody remembers it', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const content = await privacy.sign('fence', fence);
  await ingress.hear('fence', content);
  for (const passed of [30_000, 30_000, 1, 86_400_000]) {
    vi.setSystemTime(Date.now() + passed);
    // What comes in between makes it forget what is too old.
    await ingress.hear('fence', await privacy.sign('fence', fence));
    expect(['again', 'late']).toContain(await refusalOf(content));
  }
});

test('what may wait in a queue is heard days later, and again', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const said = { ...fence, commitment: 'c' };
  const marker = await privacy.sign('marker', said);
  for (const passed of [0, 5 * 86_400_000]) {
    vi.setSystemTime(Date.now() + passed);
    expect(await ingress.hear('marker', marker)).toMatchObject({ said });
  }
});

test('a field that only a later release knows is left out, in what is said and around it', async () => {
  const said = { ...fence, region: 'eu' };
  const later = { at: Date.now(), id: randomUUID(), said, audience: ['ingress'] };
  const heard = await ingress.hear('fence', await forge('privacy', {}, later));
  expect('said' in heard && heard.said).toEqual(fence);
});

test('what is not agreed is not signed', async () => {
  const more = { ...fence, region: 'eu' };
  await expect(privacy.sign('fence', more)).rejects.toThrow('Unrecognized key');
});

test('an unknown field of the header is not tolerated: it could change what a signature means', async () => {
  const header = { b64: true } as { typ?: string };
  expect(await refusalOf(await forge('privacy', header))).toBe('unsigned');
});

test('what a later release says is unreadable, and no forgery', async () => {
  const said = { ...fence, v: 2 };
  const later = await forge('privacy', {}, { at: Date.now(), id: randomUUID(), said });
  expect(await refusalOf(later)).toBe('unreadable');
  expect(await refusalOf(await forge('privacy', {}, 'something else'))).toBe('unreadable');
});

test('each refusal is counted by kind and reason, from a zero', async () => {
  const text = await metrics.metrics();
  expect(text).toContain('mysmtp_messages_refused_total{kind="command",reason="unsigned"} 0');
  expect(text).toMatch(/mysmtp_messages_refused_total\{kind="fence",reason="again"\} [1-9]/);
});
