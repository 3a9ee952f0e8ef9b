import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { eventually } from '@mysmtp/test-kit';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { expect, test } from 'vitest';
import { call } from '../kit/api.ts';
import { commonStack } from '../kit/common-stack.ts';
import { newCustomer, type Customer } from '../kit/customers.ts';

const { description } = commonStack();

interface Finding {
  readonly rule: string;
  readonly tenant: string | null;
  readonly subject: string | null;
  readonly severity: string;
  readonly count: number;
}

async function findings(token: string): Promise<Finding[]> {
  const { status, body } = await call(`${description().api.logging}/v1/findings?limit=500`, token);
  expect(status).toBe(200);
  return (body as { findings: Finding[] }).findings;
}

const rulesFor = async ({ ownerToken }: Customer) =>
  (await findings(ownerToken)).map(({ rule }) => rule).toSorted();

let customers = 0;
async function customer(): Promise<Customer> {
  customers += 1;
  const domain = `detected-${String(customers)}.${description().tenant.domain}`;
  return newCustomer(description(), { name: 'Detected', domain, owner: `owner@${domain}` });
}

/** AUTH from an address of the loopback interface. Returns whether it succeeded. */
async function authenticate(
  from: string,
  { username, password }: Customer['credential'],
): Promise<boolean> {
  const connection = new SMTPConnection({
    host: description().smtp.host,
    port: description().smtp.starttlsPort,
    localAddress: from,
    requireTLS: true,
    tls: { ca: readFileSync(description().smtp.caFile), servername: 'localhost' },
  });
  connection.on('error', () => undefined);
  await new Promise<void>((resolve) => connection.connect(() => resolve()));
  const succeeded = await new Promise<boolean>((resolve) =>
    connection.login({ user: username, pass: password }, (error) => resolve(!error)),
  );
  connection.close();
  return succeeded;
}

/** Waits until ingress has the new credential, which it gets a moment later. */
const isKnown = (from: string, credential: Customer['credential']) =>
  eventually(async () => expect(await authenticate(from, credential)).toBe(true), { every: 500 });

/** A sign-in with a wrong password. */
async function signIn(from: string, tenant: string, address: string): Promise<number | undefined> {
  const url = new URL('/v1/sign-ins', description().api.identity);
  const body = { tenant, address, password: 'not the right one', device: 'curl' };
  const headers = { 'content-type': 'application/json' };
  const sent = request(url, { method: 'POST', localAddress: from, headers });
  sent.end(JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await text(response);
  return response.statusCode;
}

test('passwords of ten accounts that are tried from one /24, and of nine from another', async () => {
  const attacked = await customer();
  const spared = await customer();
  for (let n = 0; n < 10; n += 1) {
    const address = `victim-${String(n)}@${attacked.domain}`;
    if (n < 9) await signIn('127.9.2.1', spared.id, address);
    expect(await signIn(`127.9.1.${String(n + 1)}`, attacked.id, address)).toBe(422);
  }
  const stuffing = async () =>
    (await findings(description().operator.token)).filter(
      ({ rule }) => rule === 'credential-stuffing',
    );
  await eventually(async () => expect(await stuffing()).toHaveLength(1));
  expect(await stuffing()).toMatchObject([{ severity: 'high', count: 10, subject: null }]);
});

test('a credential whose password is right after ten wrong ones, and one after nine', async () => {
  const guessed = await customer();
  const forgetful = await customer();
  await isKnown('127.9.3.4', guessed.credential);
  await isKnown('127.9.4.3', forgetful.credential);
  const wrong = { ...guessed.credential, password: 'wrong' };
  for (let n = 0; n < 10; n += 1) {
    expect(await authenticate(n < 5 ? '127.9.3.1' : '127.9.3.2', wrong)).toBe(false);
    if (n < 9) {
      await authenticate('127.9.4.1', { ...forgetful.credential, password: 'wrong' });
    }
  }
  expect(await authenticate('127.9.4.2', forgetful.credential)).toBe(true);
  expect(await authenticate('127.9.3.3', guessed.credential)).toBe(true);
  await eventually(async () => expect(await rulesFor(guessed)).toEqual(['guessed-secret']));
  expect(await rulesFor(forgetful)).toEqual([]);
});

test('a credential in three networks at once, and one in two', async () => {
  const copied = await customer();
  const moved = await customer();
  for (const { credential } of [copied, moved]) await isKnown('127.9.5.1', credential);
  for (const from of ['127.9.5.1', '127.9.6.1', '127.9.6.2']) {
    expect(await authenticate(from, moved.credential)).toBe(true);
  }
  for (const from of ['127.9.5.1', '127.9.6.1', '127.9.7.1']) {
    expect(await authenticate(from, copied.credential)).toBe(true);
  }
  await eventually(async () =>
    expect(await rulesFor(copied)).toEqual(['credential-in-many-networks']),
  );
  expect(await rulesFor(moved)).toEqual([]);
});

test('an operator who asks for data without an open access, and one who has opened it', async () => {
  const curious = await customer();
  const asked = await customer();
  const { operator, api } = description();
  const credentials = (tenant: string) =>
    call(`${api.identity}/v1/credentials?tenant=${tenant}`, operator.token);
  const access = { tenant: asked.id, reason: 'Mail is refused', ticket: 'T-1', minutes: 5 };
  expect((await call(`${api.identity}/v1/accesses`, operator.token, { body: access })).status).toBe(
    201,
  );
  expect((await credentials(asked.id)).status).toBe(200);
  expect((await credentials(curious.id)).status).toBe(404);
  await eventually(async () =>
    expect(await rulesFor(curious)).toEqual(['operator-without-ticket']),
  );
  expect(await rulesFor(asked)).toEqual([]);
});
