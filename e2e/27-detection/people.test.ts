import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { eventually } from '@mysmtp/test-kit';
import { expect, test } from 'vitest';
import { peopleOf, password } from '../24-accounts/people.ts';
import { call } from '../kit/api.ts';
import { commonStack } from '../kit/common-stack.ts';
import { newCustomer } from '../kit/customers.ts';
import { headerOf, readMaildir } from '../kit/maildir.ts';

const { description } = commonStack();
const { post, secretFor, signUp, enrol, signIn, finish } = peopleOf(description);

const identity = (path: string, token: string, method?: string, body?: unknown) =>
  call(`${description().api.identity}/v1/${path}`, token, {
    ...(method !== undefined && { method }),
    body,
  });

async function rulesFor(token: string): Promise<string[]> {
  const { status, body } = await call(`${description().api.logging}/v1/findings?limit=500`, token);
  expect(status).toBe(200);
  return (body as { findings: { rule: string }[] }).findings.map(({ rule }) => rule).toSorted();
}

/** Somebody with an account of their own, a second factor and recovery codes. */
async function owner() {
  const person = await signUp();
  return { ...person, ...(await enrol(person.enrolling)) };
}
type Owner = Awaited<ReturnType<typeof owner>>;

async function signInFrom(device: string, { tenant, address, recoveryCodes }: Owner) {
  const begun = await post<{ challenge: string }>('sign-ins', {
    tenant,
    address,
    password,
    device,
  });
  const factor = { recoveryCode: recoveryCodes.pop() };
  expect((await finish(begun.body.challenge, factor)).status).toBe(201);
}

/** Logging gets a new customer a moment later. */
const messages = (path: string, token: string) =>
  eventually(async () => {
    const response = await fetch(`${description().api.logging}/v1/messages${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await response.arrayBuffer();
    expect(response.status).toBe(200);
  });

test('a sign-in from a new device, and one from the same device', async () => {
  const moved = await owner();
  const stayed = await owner();
  await signInFrom('Chromium', stayed);
  await signInFrom('Another browser', moved);
  await eventually(async () => expect(await rulesFor(moved.token)).toEqual(['new-device']));
  expect(await rulesFor(stayed.token)).toEqual([]);
});

test('a role that is raised, and one that is lowered', async () => {
  const raising = await owner();
  const lowering = await owner();
  const change = async (by: Owner, from: string, to: string) => {
    const address = `${from}-of-${by.address}`;
    expect((await identity('invitations', by.token, 'POST', { address, role: from })).status).toBe(
      201,
    );
    const secret = await secretFor(address, 'You are invited to an account');
    const choice = { secret, password, device: 'Chromium' };
    expect((await post('invitations/accept', choice)).status).toBe(201);
    const { people } = (await identity('people', by.token)).body as {
      people: { id: string; role: string }[];
    };
    const person = people.find(({ role }) => role === from);
    expect(
      (await identity(`people/${String(person?.id)}`, by.token, 'PATCH', { role: to })).status,
    ).toBe(200);
  };
  await change(lowering, 'admin', 'reader');
  await change(raising, 'reader', 'admin');
  await eventually(async () => expect(await rulesFor(raising.token)).toEqual(['role-raised']));
  expect(await rulesFor(lowering.token)).toEqual([]);
});

test('a second factor that is reported as lost, and a sign-in with it', async () => {
  const losing = await owner();
  const using = await owner();
  await signInFrom('Chromium', using);
  const { challenge } = await signIn(losing);
  expect((await post('lost-factors', { challenge })).status).toBe(202);
  await eventually(async () => expect(await rulesFor(losing.token)).toEqual(['factor-removed']));
  expect(await rulesFor(using.token)).toEqual([]);
});

test('an export, after a change of the password and without one, and a page of the usage log', async () => {
  const taken = await owner();
  const exporting = await owner();
  const reading = await owner();
  await messages('?limit=500', reading.token);
  await messages('/export?format=csv', exporting.token);
  const newPassword = 'another one with eleven gears';
  const change = { password, newPassword };
  expect((await identity('account/password', taken.token, 'POST', change)).status).toBe(204);
  await messages('/export?format=jsonl', taken.token);
  await eventually(async () =>
    expect(await rulesFor(taken.token)).toEqual(['bulk-export', 'data-request-after-change']),
  );
  await eventually(async () => expect(await rulesFor(exporting.token)).toEqual(['bulk-export']));
  expect(await rulesFor(reading.token)).toEqual([]);
});

test('a request for data right after a change of the password waits, and its person is told', async () => {
  const person = await owner();
  const { api, mx } = description();
  const ask = (method: string, path: string, body?: object) =>
    call(`${api.privacy}/v1/requests${path}`, person.token, {
      method,
      ...(body !== undefined && { body }),
    });
  const newPassword = 'another one with eleven gears';
  const change = { password, newPassword };
  const began = Date.now();
  expect((await identity('account/password', person.token, 'POST', change)).status).toBe(204);
  const address = `new-${person.address}`;
  expect((await identity('account/address', person.token, 'POST', { address })).status).toBe(202);
  const secret = await secretFor(address, 'Please confirm your email address');
  expect((await post('account/address/confirm', { secret })).status).toBe(204);

  const made = await ask('POST', '', { kind: 'access' });
  expect(made.status).toBe(202);
  const [{ id } = { id: '' }] = (made.body as { requests: { id: string }[] }).requests;
  const { body } = await ask('GET', `/${id}`);
  expect(body).toMatchObject({ state: 'received', address, cancellable: true });
  const actsAt = Date.parse((body as { actsAt: string }).actsAt);
  const waits = 72 * 60 * 60_000;
  expect(actsAt).toBeGreaterThanOrEqual(began + waits);
  expect(actsAt).toBeLessThanOrEqual(Date.now() + waits);
  const subjectsTo = async (to: string) =>
    (await readMaildir(mx.maildir))
      .filter(({ deliveredTo }) => deliveredTo === to)
      .map(({ head }) => headerOf(head, 'Subject'));
  await eventually(async () => {
    expect(await subjectsTo(address)).toContain('A request in your account waits');
    expect(await subjectsTo(person.address)).toContain(
      'A request waits in an account that had your email address',
    );
  });
  await eventually(async () =>
    expect(await rulesFor(person.token)).toEqual(['data-request-after-change']),
  );
  expect((await ask('DELETE', `/${id}`)).status).toBe(204);
  expect((await ask('GET', `/${id}`)).body).toMatchObject({ state: 'cancelled' });
});

test('five requests for data or erasure from one network within an hour, and four from another', async () => {
  const { operator, api, tenant } = description();
  const domain = `gone.${tenant.domain}`;
  const customer = await newCustomer(description(), { name: 'Gone', domain, owner: `o@${domain}` });
  const before = (await rulesFor(operator.token)).filter((rule) => rule === 'many-data-requests');
  const ask = async (from: string) => {
    const headers = {
      authorization: `Bearer ${operator.token}`,
      'content-type': 'application/json',
    };
    const url = new URL('/v1/erasures', api.privacy);
    const sent = request(url, { method: 'POST', localAddress: from, headers });
    sent.end(JSON.stringify({ tenant: customer.id }));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await text(response);
    expect(response.statusCode).toBeLessThan(300);
  };
  for (let n = 1; n <= 4; n += 1) await ask('127.9.21.1');
  for (let n = 1; n <= 5; n += 1) await ask(`127.9.20.${String(n)}`);
  await eventually(async () => {
    const now = (await rulesFor(operator.token)).filter((rule) => rule === 'many-data-requests');
    expect(now).toHaveLength(before.length + 1);
  });
});
