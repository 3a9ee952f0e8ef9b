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

/** Signs messages that `openSigned` would refuse to sign. */
async function forge(
  as: ServiceName,
  header: { typ?: string; kid?: string; alg?: string },
  payload: unknown = { at: Date.now(), id: randomUUID(), payload: fence },
): Promise<Buffer> {
  const key = await importJWK(privateKeys.get(as) ?? {}, 'EdDSA');
  const jws = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: signedKinds.fence.typ, kid: as, ...header })
    .sign(key);
  return Buffer.from(jws);
}

async function refusalOf(content: Buffer): Promise<string> {
  const verified = await ingress.verify('fence', content);
  if ('payload' in verified) throw new Error('It was believed');
  expect(lines.at(-1)).toMatchObject({
    event: 'message.refused',
    status: 'fence',
    reason: verified.refused,
  });
  return verified.refused;
}

test('a signed message is verified, with its sender and time', async () => {
  const before = Date.now();
  const verified = await ingress.verify('fence', await privacy.sign('fence', fence));
  if ('refused' in verified) throw new Error(verified.refused);
  expect(verified).toMatchObject({ payload: fence, by: 'privacy' });
  expect(verified.at).toBeGreaterThanOrEqual(before);
});

test('an unsigned message is refused', async () => {
  const payload = { at: Date.now(), id: randomUUID(), payload: fence };
  for (const content of [
    Buffer.from(JSON.stringify(fence)),
    Buffer.from('a.b.c'),
    Buffer.alloc(0),
    Buffer.from(new UnsecuredJWT(payload).encode()),
  ]) {
    expect(await refusalOf(content)).toBe('unsigned');
  }
});

test("the signature of another service is refused, under its own name and under the sender's", async () => {
  for (const service of serviceNames.filter((name) => name !== 'privacy')) {
    expect(await refusalOf(await forge(service, {}))).toBe('other_signer');
    expect(await refusalOf(await forge(service, { kid: 'privacy' }))).toBe('signature');
  }
  expect(await refusalOf(await forge('privacy', { kid: 'nobody' }))).toBe('other_signer');
});

test('each kind is refused under the type of each other kind', async () => {
  const kinds = Object.keys(signedKinds) as (keyof typeof signedKinds)[];
  for (const [kind, { typ, speakers }] of Object.entries(signedKinds)) {
    for (const other of kinds.filter((name) => name !== kind)) {
      const verified = await ingress.verify(other, await forge(speakers[0], { typ }));
      expect(verified, `${kind} as ${other}`).toEqual({ refused: 'other_kind' });
    }
  }
});

test('a changed octet in any part is refused', async () => {
  const [header = '', payload = '', signature = ''] = String(
    await privacy.sign('fence', fence),
  ).split('.');
  const other = Buffer.from(JSON.stringify({ at: Date.now(), id: randomUUID(), payload: fence }));
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
  expect(await ingress.verify('fence', content)).toMatchObject({ payload: fence });
  expect(await refusalOf(content)).toBe('again');
});

test('a broadcast is valid for a minute, by a clock that may differ by as much', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  for (const [away, reason] of [
    [60_000, undefined],
    [-60_000, undefined],
    [60_001, 'late'],
    [-60_001, 'late'],
  ] as const) {
    const content = await privacy.sign('fence', fence);
    vi.setSystemTime(Date.now() + away);
    const verified = await ingress.verify('fence', content);
    expect('refused' in verified ? verified.refused : undefined, String(away)).toBe(reason);
  }
});

test('a captured broadcast is refused after its minute, when its id is no longer remembered', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const content = await privacy.sign('fence', fence);
  await ingress.verify('fence', content);
  for (const passed of [30_000, 30_000, 1, 86_400_000]) {
    vi.setSystemTime(Date.now() + passed);
    // Messages in between make it forget old ids.
    await ingress.verify('fence', await privacy.sign('fence', fence));
    expect(['again', 'late']).toContain(await refusalOf(content));
  }
});

test('a message that may wait in a queue is accepted days later, and again', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const message = { ...fence, commitment: 'c' };
  const marker = await privacy.sign('marker', message);
  for (const passed of [0, 5 * 86_400_000]) {
    vi.setSystemTime(Date.now() + passed);
    expect(await ingress.verify('marker', marker)).toMatchObject({ payload: message });
  }
});

test('a field of a later release is left out, in the payload and around it', async () => {
  const message = { ...fence, region: 'eu' };
  const later = { at: Date.now(), id: randomUUID(), payload: message, audience: ['ingress'] };
  const verified = await ingress.verify('fence', await forge('privacy', {}, later));
  expect('payload' in verified && verified.payload).toEqual(fence);
});

test('a message that does not match its schema is not signed', async () => {
  const more = { ...fence, region: 'eu' };
  await expect(privacy.sign('fence', more)).rejects.toThrow('Unrecognized key');
});

test('an unknown field of the header is refused: it could change the meaning of the signature', async () => {
  const header = { b64: true } as { typ?: string };
  expect(await refusalOf(await forge('privacy', header))).toBe('unsigned');
});

test('a message of a later release is unreadable, and no forgery', async () => {
  const message = { ...fence, v: 2 };
  const later = await forge('privacy', {}, { at: Date.now(), id: randomUUID(), payload: message });
  expect(await refusalOf(later)).toBe('unreadable');
  expect(await refusalOf(await forge('privacy', {}, 'something else'))).toBe('unreadable');
});

test('each refusal is counted by kind and reason, starting from zero', async () => {
  const text = await metrics.metrics();
  expect(text).toContain('mysmtp_messages_refused_total{kind="command",reason="unsigned"} 0');
  expect(text).toMatch(/mysmtp_messages_refused_total\{kind="fence",reason="again"\} [1-9]/);
});
