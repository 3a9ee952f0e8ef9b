import { eventually } from '@mysmtp/test-kit';
import { beforeAll, expect, test } from 'vitest';
import { call, usageLog, type Row } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStack } from '../kit/common-stack.ts';
import { testMessage } from '../kit/load.ts';

const { description } = commonStack();
const count = 30;
let halfTime: string;

beforeAll(async () => {
  const session = await openSession(description());
  for (let index = 0; index < count; index += 1) {
    if (index === count / 2) halfTime = new Date().toISOString();
    const to = [`a-${String(index)}@example.net`, `b-${String(index)}@Example.NET`];
    const { message } = testMessage(description().credential.from, to, 500);
    const tagged = `X-MySMTP-Tag: batch-1, number-${String(index)}\r\n${message}`;
    expect((await session.submit(description().credential.from, to, tagged)).code).toBe(250);
  }
  session.quit();
  await eventually(async () => {
    const rows = await usageLog(description(), { status: 'delivered' });
    expect(rows).toHaveLength(count * 2);
  });
});

const get = (query: string, token = description().tenant.ownerToken) =>
  call(`${description().api.logging}/v1/messages${query}`, token);

test('a row for each recipient, newest first, with its attempt', async () => {
  const rows = await usageLog(description());
  expect(rows).toHaveLength(count * 2);
  const times = rows.map(({ acceptedAt }) => acceptedAt);
  expect(times).toEqual(times.toSorted().toReversed());
  for (const row of rows) {
    expect(row).toMatchObject({
      status: 'delivered',
      sender: description().credential.from,
      nextAttemptAt: null,
      attempts: [{ reply: expect.stringMatching(/^250 /) as string }],
    });
    expect(row.messageId).toMatch(/^<.+@.+>$/);
  }
});

test('found by recipient and sender, exactly, in any case of the domain', async () => {
  expect(await usageLog(description(), { recipient: 'b-7@example.net' })).toHaveLength(1);
  expect(await usageLog(description(), { recipient: 'b-7@EXAMPLE.net' })).toHaveLength(1);
  expect(await usageLog(description(), { recipient: 'B-7@example.net' })).toHaveLength(0);
  expect(await usageLog(description(), { sender: description().credential.from })).toHaveLength(
    count * 2,
  );
  expect(await usageLog(description(), { sender: 'nobody@example.org' })).toHaveLength(0);
});

test('found by domain, tag, credential and class of the last reply', async () => {
  const all = count * 2;
  expect(await usageLog(description(), { recipientDomain: 'example.NET' })).toHaveLength(all);
  expect(await usageLog(description(), { recipientDomain: 'example.org' })).toHaveLength(0);
  expect(await usageLog(description(), { tag: 'batch-1' })).toHaveLength(all);
  const one = await usageLog(description(), { tag: 'number-7', recipient: 'b-7@example.net' });
  expect(one).toHaveLength(1);
  expect(one[0]).toMatchObject({
    tags: ['batch-1', 'number-7'],
    lastReply: '2xx',
    accepted: { listener: 'starttls', tls: { version: 'TLSv1.3' } },
  });
  const { credential } = one[0]!.accepted!;
  expect(await usageLog(description(), { credential })).toHaveLength(all);
  expect(await usageLog(description(), { credential, lastReply: '2xx' })).toHaveLength(all);
  expect(await usageLog(description(), { credential, lastReply: '5xx' })).toHaveLength(0);
});

test('the statistics count each recipient once', async () => {
  await eventually(async () => {
    const { body } = await call(
      `${description().api.logging}/v1/statistics?by=hour`,
      description().tenant.ownerToken,
    );
    const { statistics } = body as { statistics: { status: string; recipients: number }[] };
    const sum = statistics.reduce((total, { recipients }) => total + recipients, 0);
    expect([sum, new Set(statistics.map(({ status }) => status))]).toEqual([
      count * 2,
      new Set(['delivered']),
    ]);
  });
});

test('found by time of acceptance and by status', async () => {
  const before = (await get(`?before=${halfTime}&limit=500`)).body as { messages: Row[] };
  const after = (await get(`?after=${halfTime}&limit=500`)).body as { messages: Row[] };
  expect([before.messages.length, after.messages.length]).toEqual([count, count]);
  expect((await get('?status=bounced')).body).toEqual({ messages: [], next: null });
});

test('page by page, each row once', async () => {
  const seen: string[] = [];
  let cursor = '';
  do {
    const page = (await get(`?limit=7${cursor}`)).body as { messages: Row[]; next: string | null };
    expect(page.messages.length).toBeLessThanOrEqual(7);
    seen.push(...page.messages.map(({ id, recipient }) => `${id} ${recipient}`));
    cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`;
  } while (cursor !== '');
  expect(seen).toHaveLength(count * 2);
  expect(new Set(seen).size).toBe(count * 2);
});

test('one message by its id, all its recipients', async () => {
  const [row] = await usageLog(description(), { recipient: 'a-3@example.net' });
  const one = await get(`/${row!.id}`);
  expect(one.status).toBe(200);
  expect(JSON.stringify(one.body)).toContain('a-3@example.net');
  expect(JSON.stringify(one.body)).toContain('b-3@Example.NET');
  expect((await get('/01999999-9999-7999-8999-999999999999')).status).toBe(404);
});

test('invalid filters get a clear refusal', async () => {
  for (const query of [
    '?status=lost',
    '?after=yesterday',
    '?limit=0',
    '?recipient=a@example.net',
  ]) {
    const answer = await get(query);
    expect([query, answer.status]).toEqual([query, 400]);
  }
});

test('nothing for a token of another tenant, of an operator, or without a token', async () => {
  const { api, operator } = description();
  const other = await call(`${api.identity}/v1/tenants`, operator.token, {
    body: { name: 'Other', owner: 'owner@other.example.org', domain: 'other.example.org' },
  });
  expect(other.status).toBe(201);
  const { ownerToken } = other.body as { ownerToken: string };
  const [row] = await usageLog(description(), { recipient: 'a-3@example.net' });
  await eventually(async () => {
    const answer = await get('', ownerToken);
    expect(answer).toEqual({ status: 200, body: { messages: [], next: null } });
  });
  expect((await get(`/${row!.id}`, ownerToken)).status).toBe(404);
  expect((await get('', operator.token)).status).toBe(404);
  expect((await get('', 'nobody')).status).toBe(401);
});
