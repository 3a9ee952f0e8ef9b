import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serviceNames, type Certificate, type ServiceName } from '@mysmtp/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  goodCertificate,
  keys,
  newKey,
  nonce,
  receipt,
  requestId,
  sign,
  tenant,
} from './builder.ts';

const command = [
  '--conditions=mysmtp-source',
  '--disable-warning=ExperimentalWarning',
  path.resolve(import.meta.dirname, '../src/main.ts'),
];

let dir: string;
let good: Certificate;
const toClose: (() => unknown)[] = [];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-certificate-'));
  toClose.push(() => rm(dir, { recursive: true }));
  good = await goodCertificate();
  await write('good.jws', await sign(good));
  await write('keys.json', JSON.stringify(keys));
});
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

const write = (name: string, text: string) => writeFile(path.join(dir, name), text);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as a process in the test's folder. */
function run(args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...command, ...args],
      { cwd: dir },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
    child.stdin?.end(input);
  });
}

/** Serves privacy's published keys, or something else instead. */
async function publish(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  toClose.push(() => server.close());
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

test('a good certificate: everything in words that fit a terminal, and exit code 0', async () => {
  const { code, out, err } = await run(['good.jws', '--keys', 'keys.json']);
  expect([code, err]).toEqual([0, '']);
  const lines = out.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^THE CERTIFICATE HOLDS/);
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  expect(out).not.toContain('✗');
  for (const words of [
    'Keys from      keys.json',
    'key the-key-of-certificates',
    'Subject        a customer (tenant) as a whole; not named here',
    `Commitment     ${good.subject.commitment}`,
    `request ${requestId}`,
    'Requested on   2026-11-30 12:00:00 UTC',
    'Complete on    2026-11-30 12:01:10 UTC',
    'logging.messages',
    'Ids and versions without a name',
    'Kept for good',
    'Kept until 2029-11-29 12:00:00 UTC',
    'Counted by a search before the removal: 38 stores.',
    'Counted while it was removed: privacy.tenants, queue.delivery.mail,',
    '6 running programs (ingress 2, delivery 1',
    '3 recipients',
    '2026-11-30 12:00:30 UTC: 0 records left in 38 collections.',
    '2026-11-30 12:01:00 UTC: 0 records left in 39 collections.',
    'Destroyed: epoch-000001, account, index',
    'It does not prove what the mail servers of recipients hold',
    'It does not prove that the statements are true.',
    'It does not prove that no copy of a destroyed key is left',
  ]) {
    expect(out).toContain(words);
  }
  // Only checked conditions have a check mark; the rest are statements of the certificate.
  expect(lines[0]).toBe('THE CERTIFICATE HOLDS: it is complete and signed.');
  const checked = lines.filter((line) => line.startsWith('  ✓ '));
  expect(checked.length).toBeGreaterThan(7);
  for (const line of checked) expect(line).not.toMatch(/ ✓ (The (keys|verifier)|Each of the five)/);
});

test('the answer of privacy about an erasure is accepted, and so is standard input', async () => {
  const erasure = { id: requestId, step: 'complete', certificate: await sign(good) };
  await write('erasure.json', JSON.stringify(erasure, null, 2));
  expect((await run(['erasure.json', '--keys', 'keys.json'])).code).toBe(0);
  expect((await run(['-', '--keys', 'keys.json'], JSON.stringify(erasure))).code).toBe(0);
  expect((await run(['-', '--keys', 'keys.json'], `${erasure.certificate}\n`)).code).toBe(0);
});

test('a bad one: each reason on a line of its own, the conditions that hold, and exit code 1', async () => {
  const store = 'delivery.deferred';
  const others = good.receipts.filter((entry) => entry.store !== store);
  const receipts = [...others, await receipt(store, { deleted: 1 })];
  await write('bad.jws', await sign({ ...good, receipts, sweeps: good.sweeps.slice(1) }));
  const { code, out } = await run(['bad.jws', '--keys', 'keys.json']);
  expect(code).toBe(1);
  const lines = out.split('\n');
  expect(lines[0]).toMatch(/^THE CERTIFICATE DOES NOT HOLD/);
  expect(lines.filter((line) => line.startsWith('  ✗ '))).toEqual([
    `  ✗ The receipt of ${store} says that 3 records were there and 1 removed`,
    '  ✗ The verifier made one sweep, not two',
  ]);
  expect(out).toContain('What did hold\n  ✓ It is signed with the key');
  expect(out).not.toContain('It proves');
});

test('the subject: with the nonce it is verified, with another one it does not hold', async () => {
  const of = (name: string, by: string) =>
    run(['good.jws', '--keys', 'keys.json', '--tenant', name, '--nonce', by]);
  const right = await of(tenant, nonce);
  expect([right.code, right.out]).toEqual([
    0,
    expect.stringContaining('✓ It is about the customer'),
  ]);
  const wrong = await of(tenant, 'another');
  expect([wrong.code, wrong.out]).toEqual([1, expect.stringContaining('✗ It is not about the')]);
});

test('the content of an unsigned certificate is neither shown nor does it control the terminal', async () => {
  const header = { alg: '\u001B[2J\u001B[31mnone', typ: 'x', kid: 'y' };
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
  await write('bad.jws', `${encoded}.${(await sign(good)).split('.')[1] ?? ''}.`);
  const { code, out } = await run(['bad.jws', '--keys', 'keys.json']);
  expect(code).toBe(1);
  expect(out).not.toContain('\u001B');
  expect(out).not.toContain(requestId);
});

test('without --keys the keys are read from the stack that runs in this folder', async () => {
  const none = await run(['good.jws']);
  expect([none.code, none.out]).toEqual([2, '']);
  expect(none.err).toContain('No stack runs in this folder');
  const privacy = await publish((request, response) => {
    response.statusCode = request.url === '/.well-known/jwks.json' ? 200 : 404;
    response.end(JSON.stringify(keys));
  });
  await mkdir(path.join(dir, '.mysmtp'));
  await write('.mysmtp/stack.json', JSON.stringify({ version: 1, api: { privacy } }));
  const { code, out } = await run(['good.jws']);
  expect(code).toBe(0);
  expect(out).toContain(`Keys from      ${privacy}/.well-known/jwks.json`);
});

test('the stack that runs here: the keys are read from each service, and those of privacy alone are not enough', async () => {
  const own = (service: ServiceName) =>
    publish((_, response) => {
      const ofIt = keys.keys.filter((key) => service === 'privacy' || key['service'] === service);
      response.end(JSON.stringify({ keys: ofIt }));
    });
  const urls = await Promise.all(
    serviceNames.map(async (name) => [name, await own(name)] as const),
  );
  await mkdir(path.join(dir, '.mysmtp'));
  const facts = (api: object) => write('.mysmtp/stack.json', JSON.stringify({ version: 1, api }));
  await facts(Object.fromEntries(urls));
  const asked = await run(['good.jws']);
  expect(asked.code).toBe(0);
  for (const [, url] of urls) expect(asked.out).toContain(url);
  // One of them has never had the key that privacy publishes for it.
  const other = { ...newKey('logging').jwk, service: 'logging' };
  const logging = await publish((_, response) => response.end(JSON.stringify({ keys: [other] })));
  await facts({ ...Object.fromEntries(urls), logging });
  const refused = await run(['good.jws']);
  expect([refused.code, refused.out]).toEqual([
    1,
    expect.stringContaining('✗ There is no published key of logging'),
  ]);
});

test('keys of several sources: a key counts if every source contains it', async () => {
  const ofDelivery = { ...newKey('delivery').jwk, service: 'delivery' };
  await write('delivery.json', JSON.stringify({ keys: [ofDelivery] }));
  const { code, out } = await run(['good.jws', '--keys', 'keys.json', '--keys', 'delivery.json']);
  expect(code).toBe(1);
  expect(out).toContain('Keys from      keys.json, delivery.json');
  expect(out).toContain('✗ There is no published key of delivery');
});

test('keys of certificates alone, as they were published once, are not enough', async () => {
  const alone = { keys: keys.keys.filter((key) => !('service' in key)) };
  await write('alone.json', JSON.stringify(alone));
  const { code, out } = await run(['good.jws', '--keys', 'alone.json']);
  expect(code).toBe(1);
  for (const name of serviceNames) expect(out).toContain(`✗ There is no published key of ${name}`);
});

test.each([
  ['{"api":', 'this is no JSON'],
  ['{"api":{}}', 'it has no URL of privacy'],
])('a stack.json that says %s could not be used: exit code 2', async (facts, message) => {
  await mkdir(path.join(dir, '.mysmtp'));
  await write('.mysmtp/stack.json', facts);
  const { code, err } = await run(['good.jws']);
  expect([code, err]).toEqual([2, `.mysmtp/stack.json: ${message}\n`]);
});

test('keys from a URL, and a URL without an answer', async () => {
  const url = await publish((_, response) => response.end(JSON.stringify(keys)));
  expect((await run(['good.jws', '--keys', url])).code).toBe(0);
  const refusing = await publish((_, response) => response.writeHead(503).end());
  const refused = await run(['good.jws', '--keys', refusing]);
  expect([refused.code, refused.err]).toEqual([2, `${refusing}: the answer was 503\n`]);
  const nobody = await run(['good.jws', '--keys', 'http://127.0.0.1:1/']);
  expect([nobody.code, nobody.err]).toEqual([2, 'http://127.0.0.1:1/: no answer\n']);
});

test.each([
  [[], 'Which certificate?'],
  [['a', 'b'], 'One certificate at a time'],
  [['good.jws', '--tenant', tenant], '--nonce belongs to --tenant or to --address'],
  [['good.jws', '--unknown'], '--unknown'],
  [['missing.jws', '--keys', 'keys.json'], 'missing.jws: it cannot be read (ENOENT)'],
  [['good.jws', '--keys', 'good.jws'], 'good.jws: this is no JSON'],
  [['keys.json', '--keys', 'keys.json'], 'there is no certificate in it'],
])('%j could not be checked: exit code 2', async (args, message) => {
  const { code, out, err } = await run(args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
});

test('--help tells the usage', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  expect(out).toMatch(/^Usage: npm run --silent verify-certificate -- FILE/);
});
