import { connect } from 'amqplib';
import { eventually } from '@mysmtp/test-kit';
import {
  contentOf,
  dayKeyId,
  newMessageId,
  queues,
  routingKeys,
  SecurityEvents,
  type KeyId,
} from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import { sealAddress } from '@mysmtp/security-log';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { someEvent } from './audit-store.ts';
import { someAttempt, startService, type Mail } from './service.ts';

let service: Awaited<ReturnType<typeof startService>>;

/** Each test has a tenant of its own. */
const tenants = Array.from({ length: 17 }, (_, n) => `tenant-${String(n)}`);
let next = 0;
const freshTenant = () => tenants[next++] ?? 'none';

beforeAll(async () => {
  service = await startService(tenants);
  // The projection is ready as soon as identity has answered.
  await eventually(async () => {
    expect((await service.call('tenant-0', '/v1/messages')).status).toBe(200);
  });
});
afterAll(() => service.close());

async function log(tenant: string, mails: readonly Partial<Mail>[]) {
  const events = mails.map((mail) => service.delivered(tenant, mail));
  await service.publish({ v: 1, events });
  await eventually(async () => {
    expect((await service.call(tenant, '/v1/messages?limit=500')).body.messages.length).toBe(
      mails.length,
    );
  });
  return events;
}

const recipients = (answer: { body: { messages: { recipient: string }[] } }) =>
  answer.body.messages.map(({ recipient }) => recipient);

test('a finished message is in the log of its tenant, opened, and in no other', async () => {
  const [tenant, other] = [freshTenant(), freshTenant()];
  const [event] = await log(tenant, [{}]);
  const id = event?.id ?? '';
  const row = {
    id,
    acceptedAt: new Date(event?.acceptedAt ?? 0).toISOString(),
    messageId: '<1@demo.example.org>',
    sender: 'hello@demo.example.org',
    recipient: 'someone@example.net',
    tags: [],
    accepted: null,
    status: 'delivered',
    lastReply: '2xx',
    nextAttemptAt: null,
    attempts: [someAttempt],
    restricted: false,
  };
  expect(await service.call(tenant, '/v1/messages')).toEqual({
    status: 200,
    body: { messages: [row], next: null },
  });
  expect(await service.call(tenant, `/v1/messages/${id}`)).toEqual({
    status: 200,
    body: { messages: [row] },
  });
  // RFC 9562 4: a UUID is accepted in any case.
  expect((await service.call(tenant, `/v1/messages/${id.toUpperCase()}`)).body).toEqual({
    messages: [row],
  });
  expect((await service.call(other, '/v1/messages')).body.messages).toEqual([]);
  expect(
    (await service.call(other, '/v1/messages/search', { recipient: row.recipient })).body,
  ).toEqual({ messages: [], next: null });
});

test('the usage log of a restricted tenant is for its own request for access only, within a second', async () => {
  const tenant = freshTenant();
  const [event] = await log(tenant, [{}]);
  const paths = ['/v1/messages', `/v1/messages/${event?.id ?? ''}`];
  const change = (status: 'active' | 'suspended' | 'restricted') =>
    service.neighbours.change(service.broker, { entity: 'tenant', id: tenant, state: { status } });
  const within = { timeout: 1_000, every: 20 };
  await change('restricted');
  await eventually(
    async () => expect((await service.call(tenant, '/v1/messages')).status).toBe(451),
    within,
  );
  for (const path of paths) {
    expect((await service.call(tenant, path)).body).toMatchObject({
      type: 'urn:mysmtp:problem:restricted',
    });
    const { status, body } = await service.call(tenant, `${path}?purpose=access`);
    expect([status, body.messages.length]).toEqual([200, 1]);
  }
  const search = (body: object) => service.call(tenant, '/v1/messages/search', body);
  expect((await search({})).status).toBe(451);
  expect((await search({ purpose: 'access' })).status).toBe(200);
  expect(service.lines.join('\n')).toContain('"messages.access_requested"');
  // It is stored, too.
  await service.publish({ v: 1, events: [service.delivered(tenant)] });
  await eventually(async () => {
    const { body } = await service.call(tenant, '/v1/messages?purpose=access');
    expect(body.messages.length).toBe(2);
  });
  // A suspended tenant may read.
  await change('suspended');
  await eventually(async () => expect((await search({})).status).toBe(200), within);
  await change('active');
  await eventually(
    async () => expect((await service.call(tenant, '/v1/messages')).status).toBe(200),
    within,
  );
});

test("another tenant's message and an unknown one get the same 404, and the attempt is logged (ASVS 8.2.2)", async () => {
  const [tenant, other] = [freshTenant(), freshTenant()];
  const [event] = await log(tenant, [{}]);
  const foreign = await service.call(other, `/v1/messages/${event?.id ?? ''}`);
  expect(foreign.status).toBe(404);
  expect(await service.call(other, `/v1/messages/${newMessageId(Date.now())}`)).toEqual(foreign);
  expect(await service.call(other, '/v1/messages/nonsense')).toEqual(foreign);
  const logged = service.lines.filter((line) => line.includes('access.foreign'));
  expect(logged.map((line) => JSON.parse(line) as object)).toMatchObject([
    { tenant: other, route: '/v1/messages/{id}', reason: 'foreign' },
  ]);
});

test('rows come newest first, page by page, also if others arrive meanwhile', async () => {
  const tenant = freshTenant();
  const now = Date.now();
  const ages = Array.from({ length: 30 }, (_, n) => n * n * n * 1_000);
  await log(
    tenant,
    ages.map((age) => ({ at: now - age, recipient: `r${String(age)}@example.net` })),
  );
  const seen: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < 5; page += 1) {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const answer = await service.call(tenant, `/v1/messages?limit=7${query}`);
    seen.push(...recipients(answer));
    cursor = answer.body.next;
    if (page === 1) await service.publish({ v: 1, events: [service.delivered(tenant)] });
  }
  expect(cursor).toBeNull();
  expect(seen).toEqual(ages.map((age) => `r${String(age)}@example.net`));
});

test('the log is searched by status, times and exact addresses, with the domain in any case', async () => {
  const tenant = freshTenant();
  const now = Date.now();
  const hour = 3_600_000;
  await log(tenant, [
    { recipient: 'Ann@example.net', at: now },
    { recipient: 'Zoë@xn--bcher-kva.example', at: now - 50 * hour },
    { recipient: 'Ann@example.net', at: now - 30 * hour, status: 'bounced' },
    { recipient: 'Ben@example.net', at: now - hour, sender: 'sales@demo.example.org' },
    { recipient: 'Ann@example.net', at: now - 2 * hour, sender: 'sales@demo.example.org' },
  ]);
  const search = async (body: object) =>
    (await service.call(tenant, '/v1/messages/search', body)).body.messages.map(
      ({ recipient, acceptedAt }) => [recipient.slice(0, 3), (now - Date.parse(acceptedAt)) / hour],
    );
  expect(await search({ recipient: 'Ann@EXAMPLE.net' })).toEqual([
    ['Ann', 0],
    ['Ann', 2],
    ['Ann', 30],
  ]);
  expect(await search({ recipient: ' <Ann@example.net>' })).toHaveLength(3);
  expect(await search({ recipient: 'ann@example.net' })).toEqual([]);
  expect(await search({ recipient: '' })).toEqual([]);
  expect(await search({ recipient: 'Zoë@bücher.example' })).toEqual([['Zoë', 50]]);
  expect(await search({ recipient: 'Ann@exa mple' })).toEqual([]);
  expect(await search({ sender: 'sales@demo.example.org' })).toEqual([
    ['Ben', 1],
    ['Ann', 2],
  ]);
  expect(await search({ sender: 'sales@demo.example.org', recipient: 'Ann@example.net' })).toEqual([
    ['Ann', 2],
  ]);
  expect(await search({ status: 'bounced' })).toEqual([['Ann', 30]]);
  const times = {
    after: new Date(now - 2 * hour).toISOString(),
    before: new Date(now).toISOString(),
  };
  expect(await search(times)).toEqual([
    ['Ben', 1],
    ['Ann', 2],
  ]);
  expect(await search({ limit: 1, status: 'delivered' })).toEqual([['Ann', 0]]);
  const query = new URLSearchParams({ ...times, status: 'delivered', limit: '', cursor: '' });
  expect(recipients(await service.call(tenant, `/v1/messages?${query.toString()}`))).toEqual([
    'Ben@example.net',
    'Ann@example.net',
  ]);
});

test.each([
  '?limit=0',
  '?limit=501',
  '?status=lost',
  '?after=yesterday',
  '?cursor=nonsense',
  '?recipient=someone@example.net',
])('a question that is none is refused: %s', async (query) => {
  expect((await service.call('tenant-0', `/v1/messages${query}`)).status).toBe(400);
});

test('the recipients of one message are rows of it, in the order of the envelope', async () => {
  const tenant = freshTenant();
  const first = service.delivered(tenant, { recipient: 'ann@example.net' });
  const events = [2, 10, 1].map((n) => ({
    ...service.delivered(tenant, { n }),
    id: first.id,
    recipientIndex: String(n),
  }));
  await service.publish({ v: 1, events: [first, ...events] });
  await eventually(async () => {
    // The others were sealed for ids of their own, so only the first opens as this message's.
    const answer = await service.call(tenant, `/v1/messages/${first.id}`);
    expect(recipients(answer)).toEqual(['ann@example.net']);
  });
  expect(service.lines.join('')).toContain('messages.row_unreadable');
});

test('an invalid event is dead-lettered, and the valid ones beside it are written', async () => {
  const tenant = freshTenant();
  const connection = await connect(service.broker.url);
  const channel = await connection.createChannel();
  await channel.assertQueue(queues.deadLetters.name, {
    durable: true,
    arguments: { 'x-queue-type': 'quorum' },
  });
  await channel.bindQueue(queues.deadLetters.name, 'dead', '#');
  const good = service.delivered(tenant);
  await service.publish({ v: 1, events: [good, { ...service.delivered(tenant), id: 'no-id' }] });
  await service.publish('{');
  await eventually(async () => {
    expect((await channel.checkQueue(queues.deadLetters.name)).messageCount).toBe(2);
  });
  expect((await service.call(tenant, `/v1/messages/${good.id}`)).status).toBe(200);
  expect(await service.metrics.getSingleMetricAsString('mysmtp_usage_log_events_total')).toContain(
    '{result="unreadable"} 2',
  );
  await connection.close();
});

test('a field of a newer release is left out, and a state of one is kept until it can be shown', async () => {
  const tenant = freshTenant();
  const known = service.delivered(tenant);
  const newer = { ...service.delivered(tenant), status: 'suppressed' };
  await service.publish({ v: 1, batch: 7, events: [{ ...known, region: 'eu' }, newer] });
  await eventually(async () => {
    expect((await service.call(tenant, `/v1/messages/${known.id}`)).status).toBe(200);
  });
  expect((await service.call(tenant, `/v1/messages/${newer.id}`)).status).toBe(404);
  // The row is in the database.
  const leftOut = await service.metrics.getSingleMetricAsString(
    'mysmtp_usage_log_rows_left_out_total',
  );
  expect(leftOut).toContain('{reason="newer_release"} 1');
});

test('an export has every row of the tenant, over many pages, and its end', async () => {
  const [tenant, other] = [freshTenant(), freshTenant()];
  const count = 1_100;
  const events = Array.from({ length: count }, (_, n) =>
    service.delivered(tenant, { n, status: n === 0 ? 'bounced' : 'delivered' }),
  );
  await service.publish({ v: 1, events: [...events, service.delivered(other)] });
  const token = `owner-of-${tenant}`;
  await eventually(async () => {
    const { text } = await service.download(token, '/v1/messages/export?format=jsonl');
    expect(text.endsWith(`{"end":true,"rows":${String(count)}}\n`)).toBe(true);
  });
  const { status, headers, text } = await service.download(
    token,
    '/v1/messages/export?format=csv&status=delivered',
  );
  expect([status, headers.get('content-type')]).toEqual([
    200,
    'text/csv; charset=utf-8; header=present',
  ]);
  const ids = text.split('\r\n').map((line) => line.split(',')[0]);
  expect(new Set(ids.slice(1, -2))).toEqual(new Set(events.slice(1).map(({ id }) => id)));
  expect(text).toContain(`\r\n#end,${String(count - 1)},`);
  expect((await service.download(token, '/v1/messages/export?format=xlsx')).status).toBe(400);
});

test('an operator sees the state of a message by its id, and nothing of its content', async () => {
  const tenant = freshTenant();
  const event = { ...service.delivered(tenant, { status: 'deferred' }), siteClass: 'google' };
  const nextAttemptAt = event.acceptedAt + 300_000;
  await service.publish({ v: 1, events: [{ ...event, nextAttemptAt, lastReply: '4xx' }] });
  const path = `/v1/operator/messages/${event.id}`;
  const answer = await eventually(async () => {
    const found = await service.download('operator', path);
    expect(found.status).toBe(200);
    return found;
  });
  expect(JSON.parse(answer.text)).toEqual({
    recipients: [
      {
        n: 0,
        tenant,
        acceptedAt: new Date(event.acceptedAt).toISOString(),
        status: 'deferred',
        attempts: 1,
        siteClass: 'google',
        lastReply: '4xx',
        nextAttemptAt: new Date(nextAttemptAt).toISOString(),
      },
    ],
  });
  expect((await service.download(`owner-of-${tenant}`, path)).status).toBe(404);
  const unknown = `/v1/operator/messages/${newMessageId(Date.now())}`;
  expect((await service.download('operator', unknown)).status).toBe(404);
});

test('while the database is down nothing is acked and queries get 503; then the log catches up', async () => {
  const tenant = freshTenant();
  service.proxy.cut();
  const event = service.delivered(tenant);
  await service.publish({ v: 1, events: [event] });
  await eventually(async () => {
    expect(service.lines.join('')).toContain('messages.write_failed');
  });
  expect((await service.call(tenant, '/v1/messages')).status).toBe(503);
  service.proxy.mend();
  await eventually(async () => {
    expect((await service.call(tenant, `/v1/messages/${event.id}`)).status).toBe(200);
  });
});

interface AuditEntry {
  type: string;
  state: string;
  payload: string | null;
  network: string | null;
  address: string | null;
}

async function auditOf(token: string, query = ''): Promise<AuditEntry[]> {
  const response = await fetch(`${service.apiUrl}/v1/audit/entries${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await response.json()) as { entries?: AuditEntry[] }).entries ?? [];
}

async function sealedOf(entries: mongo.Collection, tenant: string): Promise<unknown> {
  const found = await eventually(async () => {
    const entry = await entries.findOne({ tenant });
    if (entry === null) throw new Error('not chained yet');
    return entry;
  });
  return found['sealed'] as unknown;
}

test('a tenant sees what concerns it in the audit chain, an operator the chain without the content of tenants', async () => {
  const [tenant, other] = [freshTenant(), freshTenant()];
  const { neighbours, broker, publisher } = service;
  const keyOf = async (of: string, id: KeyId) => neighbours.keyOf(of, id);
  const event = someEvent({ tenant });
  const sealed = await sealAddress(event, '192.0.2.77', keyOf);
  const events = [{ ...event, ...sealed }, someEvent({ tenant: other, type: 'sign_in' })];
  const content = contentOf(SecurityEvents, { v: 1, events });
  const key = routingKeys.securityEvents('delivery');
  await publisher.publish({ key, content, mandatory: true });
  await eventually(async () => expect(await auditOf(`owner-of-${tenant}`)).toHaveLength(1));
  const [own] = await auditOf(`owner-of-${tenant}`, '?type=act');
  expect(own).toMatchObject({
    state: 'shown',
    network: '192.0.2.0/24',
    address: '192.0.2.77',
  });
  expect(JSON.parse(own?.payload ?? '')).toMatchObject({ id: event.id, by: 'delivery' });
  expect(await auditOf(`owner-of-${tenant}`, '?type=sign_in')).toEqual([]);

  // A content that somebody has changed does not hide the rest of the page, nor that it was changed.
  await using client = new mongo.MongoClient(service.databaseUrl);
  const stored = client.db().collection('auditEntries');
  await stored.updateOne({ event: event.id }, { $set: { sealed: await sealedOf(stored, other) } });
  expect(await auditOf(`owner-of-${tenant}`)).toMatchObject([{ state: 'shown', payload: null }]);

  const state = { role: 'operator', tenant: null, hash: hashToken('an-operator') } as const;
  await neighbours.change(broker, { entity: 'token', id: 'operator', state });
  await eventually(async () => {
    const chain = await auditOf('an-operator', '?limit=1000');
    const seen = new Set(chain.map(({ type, state: shown }) => `${type} ${shown}`));
    const tenants = ['act hidden', 'sign_in hidden'];
    expect([...seen]).toEqual(expect.arrayContaining(['service_started shown', ...tenants]));
    for (const own of ['act', 'sign_in']) expect(seen).not.toContain(`${own} shown`);
    expect(chain.filter((one) => one.state === 'hidden' && one.payload !== null)).toEqual([]);
  });
});

test('a row whose key is destroyed is left out; without privacy the answer is 503', async () => {
  const tenant = freshTenant();
  const yesterday = Date.now() - 86_400_000;
  service.neighbours.keyOf(tenant, dayKeyId('events', yesterday));
  const event = service.delivered(tenant, { at: yesterday });
  service.neighbours.destroyKey(tenant, dayKeyId('events', yesterday));
  await service.publish({ v: 1, events: [event, service.delivered(tenant)] });
  await eventually(async () => {
    expect((await service.call(tenant, '/v1/messages')).body.messages.length).toBe(1);
    expect((await service.call(tenant, `/v1/messages/${event.id}`)).status).toBe(404);
  });
  expect(
    await service.metrics.getSingleMetricAsString('mysmtp_usage_log_rows_left_out_total'),
  ).toContain('key_destroyed');
  await service.neighbours.stop('privacy');
  service.clock.ahead = 61_000;
  expect(
    (
      await service.call(tenant, '/v1/messages/search', {
        before: new Date().toISOString(),
        status: 'delivered',
      })
    ).status,
  ).toBe(503);
});

test('no address, domain or site is in a log line or a metric', async () => {
  const words = service.lines.join('') + (await service.metrics.metrics());
  for (const personal of ['example.net', 'example.org', 'hello', 'someone']) {
    expect(words).not.toContain(personal);
  }
});
