import { execFile } from 'node:child_process';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dayKeyId, signedKinds } from '@mysmtp/contracts';
import { CompactSign } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  beforeFirst,
  chainKeyOf,
  commitmentOfPayload,
  digestOf,
  linked,
  saltLength,
  type ChainEntry,
} from '../src/index.ts';

const command = [
  '--conditions=mysmtp-source',
  '--disable-warning=ExperimentalWarning',
  path.resolve(import.meta.dirname, '../src/main.ts'),
];

const time = Date.parse('2026-11-24T12:00:00Z');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
let dir: string;

interface Shown extends ChainEntry {
  readonly state: 'shown';
  readonly payload: string;
  readonly salt: string;
}

/** As the API shows it to somebody who may see everything. */
function chainOf(count: number): Shown[] {
  const chainKey = chainKeyOf(createSecretKey(randomBytes(32)));
  const chain: Shown[] = [];
  let end = beforeFirst;
  for (let n = 0; n < count; n += 1) {
    const payload = JSON.stringify({ n });
    const salt = randomBytes(saltLength);
    const commitment = commitmentOfPayload(salt, payload);
    const content = { time, type: 'act', keyId: dayKeyId('audit', time), commitment };
    const entry = linked(end, chainKey, content);
    chain.push({ ...entry, state: 'shown', payload, salt: salt.toString('base64url') });
    end = { seq: entry.seq, time, digest: digestOf(entry) };
  }
  return chain;
}

const signHead = async (entry: ChainEntry, key = privateKey) =>
  new CompactSign(
    Buffer.from(
      JSON.stringify({
        at: time,
        id: '018f3d2a-0000-7000-8000-000000000001',
        payload: { v: 1, seq: entry.seq, time, digest: digestOf(entry) },
      }),
    ),
  )
    .setProtectedHeader({ alg: 'EdDSA', typ: signedKinds.auditHead.typ, kid: 'logging' })
    .sign(key);

async function run(entries: readonly unknown[], jws: readonly string[]) {
  const lines = entries.map((entry) => JSON.stringify({ entries: [entry] }));
  await writeFile(path.join(dir, 'audit.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(
    path.join(dir, 'heads.json'),
    JSON.stringify({ heads: jws.map((one) => ({ jws: one })) }),
  );
  const args = ['audit.jsonl', '--heads', 'heads.json', '--keys', 'keys.json'];
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const child = execFile('node', [...command, ...args], { cwd: dir }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-audit-'));
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'logging', service: 'logging' };
  await writeFile(path.join(dir, 'keys.json'), JSON.stringify({ keys: [key] }));
});
afterAll(() => rm(dir, { recursive: true }));

test('verify-audit says that a chain is unchanged, or what was changed', async () => {
  const chain = chainOf(5);
  const [, second, , , last] = chain;
  if (second === undefined || last === undefined) throw new Error('The chain is too short');
  const good = await run(chain, [await signHead(last)]);
  expect([good.code, good.err]).toEqual([0, '']);
  expect(good.out).toContain('NOTHING WAS CHANGED');
  expect(good.out).toContain('1 signed by logging');

  const edited = chain.map((entry) => (entry === second ? { ...entry, payload: '{}' } : entry));
  const found = await run(edited, [await signHead(last)]);
  expect(found.code).toBe(1);
  expect(found.out).toContain('Entry 2 has a content that was changed');

  const cut = await run(chain.slice(0, 3), [await signHead(last)]);
  expect(cut.code).toBe(1);
  expect(cut.out).toContain('Entry 5 was signed as the end of the chain and is missing');

  const { privateKey: other } = generateKeyPairSync('ed25519');
  const forged = await run(chain, [await signHead(last, other)]);
  expect(forged.code).toBe(1);
  expect(forged.out).toContain('Head 1 of the file does not fit its signature');
  expect((await run([{ no: 'entry' }], [])).code).toBe(2);
});
