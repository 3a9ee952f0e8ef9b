import { randomUUID } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openBroker, openConsumer, type Broker } from '@mysmtp/broker';
import {
  commitmentOf,
  day,
  hour,
  internalApis,
  minute,
  queues,
  SecurityEvents,
  type SecurityEvent,
} from '@mysmtp/contracts';
import { sealUnsubscribe } from '@mysmtp/seal';
import { eventually } from '@mysmtp/test-kit';
import { createLocalJWKSet, flattenedVerify, type JSONWebKeySet } from 'jose';
import { mongo } from 'mongoose';
import type { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  dpoToken,
  officerToken,
  openWorld,
  operatorToken,
  ownerToken,
  sessionToken,
  type World,
} from './running-service.ts';
import { answerOrders } from './answer-orders.ts';

let world: World;
let metrics: Registry;
let client: mongo.MongoClient;
let logging: Broker;
let others: AsyncDisposable;
const chained: SecurityEvent[] = [];
const first = Date.parse('2027-01-31T12:00:00Z');

beforeAll(async () => {
  world = await openWorld(first, { PRIVATE_CALLBACKS: 'true' });
  world.factorAt = () => world.now;
  // The audit chain.
  logging = openBroker({ url: world.broker.url, service: 'logging', log: world.log });
  openConsumer(logging, {
    queue: queues.loggingSecurity,
    prefetch: 10,
    handle: async ({ content }) => {
      chained.push(...SecurityEvents.parse(JSON.parse(content.toString())).events);
      return 'ack';
    },
  });
  await world.broker.untilConsumed(queues.loggingSecurity.name);
  metrics = await world.start();
  client = new mongo.MongoClient(world.databases.privacy);
  const identity = await world.client('identity');
  for (const tenant of ['t1', 't3']) await identity.call(internalApis.activateTenant, { tenant });
  others = await answerOrders(world);
});

afterAll(async () => {
  await others[Symbol.asyncDispose]();
  await client.close();
  await logging.close();
  await world.close();
});

interface Shown {
  readonly state: string;
  readonly dueAt: string;
  readonly address: string | null;
  readonly parts: string[];
  readonly notified: { readonly recipient: string; readonly at: string | null }[];
  readonly history: {
    readonly kind: string;
    readonly by: string;
    readonly reason: string | null;
  }[];
}

const stored = (collection: string) => client.db().collection(collection).find().toArray();

async function ask(
  method: string,
  route: string,
  token?: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, never>; headers: Headers }> {
  const answer = await world.request(method, route, token, body);
  const text = await answer.text();
  const parsed = text === '' ? {} : (JSON.parse(text) as object);
  return { status: answer.status, body: parsed as Record<string, never>, headers: answer.headers };
}

async function made(body: object, token = ownerToken): Promise<{ id: string; nonce: string }[]> {
  const answer = await eventually(async () => {
    const tried = await ask('POST', '/v1/requests', token, body);
    expect(tried.status, JSON.stringify(tried.body)).toBe(202);
    return tried;
  });
  return (answer.body as unknown as { requests: { id: string; nonce: string }[] }).requests;
}

async function look(id: string, token = ownerToken): Promise<Shown> {
  const { status, body } = await ask('GET', `/v1/requests/${id}`, token);
  expect(status).toBe(200);
  return body as unknown as Shown;
}

/** Waits for a state; the clock goes on meanwhile. */
const reaches = (id: string, state: string, token = ownerToken): Promise<Shown> =>
  eventually(async () => {
    world.now += 1_000;
    const shown = await look(id, token);
    expect(shown.state).toBe(state);
    return shown;
  });

const decide = async (id: string, decision: string, token: string) =>
  (
    await ask('POST', `/v1/requests/${id}/decisions`, token, {
      decision,
      reason: `Why ${decision}`,
    })
  ).status;

/** The mail to an address, when the job has submitted it. */
const mailTo = (address: string, subject: RegExp): Promise<string> =>
  eventually(() => {
    const mail = world.mails.find((one) => one.to === address && subject.test(one.subject));
    if (mail === undefined) throw new Error('No mail yet');
    return mail.text;
  });

const codeIn = (text: string): string => /code=([\w-]{22})/.exec(text)?.[1] ?? '';

const newAddress = (): string => `Jane.${randomUUID()}@example.net`;

/** Requests by the public page and confirms. */
async function confirmed(kind: string, address: string) {
  const asked = await ask('POST', '/v1/public/requests', undefined, { address, kind });
  expect([asked.status, asked.body]).toEqual([202, { next: 'mail' }]);
  const code = codeIn(await mailTo(address, /Please confirm/));
  const answer = await ask('POST', '/v1/public/requests/confirm', undefined, { code });
  expect(answer.status).toBe(200);
  const opened = answer.body as unknown as { id: string; secret: string; nonce: string };
  return { ...opened, code };
}

const isAskedToCorrect = (correction: object) =>
  eventually(() => {
    world.now += 1_000;
    expect(world.corrections.at(-1)).toMatchObject(correction);
  });

/** The same by a letter, which says what is right. */
async function confirmedLetter(address: string) {
  const entered = await ask('POST', '/v1/requests/entered', officerToken, {
    channel: 'letter',
    kind: 'rectification',
    address,
    details: { name: 'Jane Nordlicht' },
    receivedAt: new Date(world.now).toISOString(),
    language: 'en',
    note: 'Folder 12',
  });
  expect(entered.status).toBe(201);
  const code = codeIn(await mailTo(address, /Please confirm/));
  const answer = await ask('POST', '/v1/public/requests/confirm', undefined, { code });
  return answer.body as unknown as { id: string; secret: string };
}

const correct = (name: string) => ({ kind: 'rectification', details: { name } });

test('Clock (Art 12): a request has a number, a nonce and a month by calendar, and nothing of it is stored in clear', async () => {
  const address = newAddress();
  const [request] = await made({ ...correct('Jane Nordlicht'), addresses: [address] });
  const { id = '', nonce = '' } = request ?? {};
  const shown = await look(id);
  // A month after January 31 is February 28.
  expect(shown).toMatchObject({ dueAt: '2027-02-28T12:00:00.000Z', address });
  expect(shown.history).toMatchObject([{ kind: 'received', by: 'token:k1' }]);
  const [document] = await stored('requests');
  expect(Object.keys(document ?? {}).toSorted()).toEqual(
    [
      '_id',
      'kind',
      'channel',
      'tenant',
      'person',
      'by',
      'content',
      'commitment',
      'state',
      'since',
      'receivedAt',
      'dueAt',
      'ourDueAt',
      'actsAt',
      'beganAt',
      'settledAt',
      'personToldAt',
      'waitingFor',
      'receipts',
      'certificate',
      'download',
      'parent',
      'group',
      'challenge',
      'challengeUntil',
      'statusHash',
      'callbackAt',
      'callbacks',
      'turnAt',
      'lease',
      'leasedUntil',
      'entries',
      'notified',
      'noticesDue',
    ].toSorted(),
  );
  expect(document?.['commitment']).toBe(
    commitmentOf(nonce, address.replace(/@.*/, '@example.net')),
  );
  for (const text of ['Nordlicht', 'Jane', nonce]) {
    expect(JSON.stringify([document, world.lines])).not.toContain(text);
  }

  // Rectification (Art 16): identity corrects the account, and the person must confirm a new address.
  await reaches(id, 'in_progress');
  await isAskedToCorrect({ realm: 't1', address, newName: 'Jane Nordlicht' });
  world.correction = 'corrected';
  const done = await reaches(id, 'completed');
  world.correction = 'waits';
  expect(done.history.map(({ kind }) => kind)).toEqual(['received', 'completed']);
  // Notification (Art 19): the sub-processor that may have the data gets a mail within an hour.
  expect(done.notified).toMatchObject([{ recipient: 'Example Hosting GmbH', at: null }]);
  world.now += hour;
  const mail = await mailTo('privacy@hosting.example.com', /Art\. 19/);
  expect(mail).toContain(id);
  expect(mail).not.toMatch(/Jane|example\.net/);
  await eventually(async () => expect((await look(id)).notified[0]?.at).not.toBeNull());
  // Entries of the audit chain are annotated by another one, never rewritten.
  await eventually(() =>
    expect(chained).toContainEqual(
      expect.objectContaining({ type: 'rectified', tenant: 't1', object: id }),
    ),
  );
  // Nobody needs to know any more whom it was about.
  await eventually(async () => {
    world.now += 1_000;
    const [after] = await stored('requests');
    expect([after?.['content'], after?.['person'], after?.['turnAt']]).toEqual([null, null, null]);
  });
});

test('requests: who may see and make which', async () => {
  const [own] = await made({ kind: 'access', addresses: [newAddress()] });
  const id = own?.id ?? '';
  // A person of the tenant without this permission, and somebody without a token.
  expect((await ask('GET', `/v1/requests/${id}`, sessionToken)).status).toBe(404);
  expect((await ask('GET', `/v1/requests/${id}`)).status).toBe(401);
  const others = { kind: 'access', addresses: [newAddress()] };
  expect((await ask('POST', '/v1/requests', sessionToken, others)).status).toBe(404);
  // An operator sees times and states.
  expect(await look(id, operatorToken)).toMatchObject({ state: 'received', address: null });
  expect((await ask('POST', '/v1/requests', operatorToken, others)).status).toBe(404);
  // A key has no data of its own, and an address must be one.
  expect((await ask('POST', '/v1/requests', ownerToken, { kind: 'access' })).status).toBe(400);
  const wrong = { kind: 'access', addresses: ['a b@example.net'] };
  expect((await ask('POST', '/v1/requests', ownerToken, wrong)).status).toBe(400);
  expect(
    (
      await ask('POST', '/v1/requests', ownerToken, {
        kind: 'rectification',
        addresses: [newAddress()],
      })
    ).status,
  ).toBe(400);
});

test('Identity of the asker, A: a fresh second factor; the request is about the own account', async () => {
  const address = newAddress();
  world.accounts.set('t1 p1', address);
  world.factorAt = () => world.now - 6 * minute;
  const stale = await ask('POST', '/v1/requests', sessionToken, { kind: 'access' });
  expect([stale.status, stale.body]).toMatchObject([
    403,
    { type: 'urn:mysmtp:problem:fresh-factor-required' },
  ]);
  world.factorAt = () => world.now;
  const [request] = await made(correct('Jane'), sessionToken);
  const id = request?.id ?? '';
  expect(await look(id, sessionToken)).toMatchObject({ channel: 'account', address });
  await reaches(id, 'in_progress', sessionToken);
  await isAskedToCorrect({ realm: 't1', address, newName: 'Jane' });
  // The data protection officer of the tenant sees it, too.
  expect((await look(id, dpoToken)).state).toBe('in_progress');
  expect((await ask('DELETE', `/v1/requests/${id}`, dpoToken)).status).toBe(404);
  expect((await ask('DELETE', `/v1/requests/${id}`, sessionToken)).status).toBe(204);
  expect((await look(id, sessionToken)).state).toBe('cancelled');
  expect((await ask('DELETE', `/v1/requests/${id}`, sessionToken)).status).toBe(409);
});

test('a list of 5,000 addresses makes 5,000 requests', async () => {
  const addresses = Array.from({ length: 5_000 }, () => newAddress());
  const list = await made({
    kind: 'access',
    addresses: [...addresses, addresses[0]].slice(0, 5_000),
  });
  expect(new Set(list.map(({ id }) => id)).size).toBe(5_000);
  const more = { kind: 'access', addresses: [...addresses, newAddress()] };
  expect((await ask('POST', '/v1/requests', ownerToken, more)).status).toBe(400);
  await client.db().collection('requests').deleteMany({ kind: 'access' });
});

test('Clock (Art 12): extension within the first month with a reason, refusal by a human only, both recorded', async () => {
  const [one, two] = await made({ kind: 'access', addresses: [newAddress(), newAddress()] });
  const id = one?.id ?? '';
  const receivedAt = Date.parse((await look(id)).dueAt);
  expect(await decide(id, 'extend', ownerToken)).toBe(204);
  expect(await decide(id, 'extend', ownerToken)).toBe(409);
  const extended = await look(id);
  expect(Date.parse(extended.dueAt)).toBeGreaterThan(receivedAt + 58 * day);
  expect(extended.history.at(-1)).toMatchObject({ kind: 'extended', reason: 'Why extend' });
  // A key of the tenant is no human.
  expect(await decide(id, 'refuse', ownerToken)).toBe(409);
  expect(await decide(id, 'refuse', dpoToken)).toBe(204);
  expect(await decide(id, 'refuse', dpoToken)).toBe(409);
  expect(await look(id)).toMatchObject({
    state: 'refused',
    history: [{}, {}, { kind: 'refused', by: 'person:p2', reason: 'Why refuse' }],
  });
  // Nobody of the tenant says who a stranger is.
  expect(await decide(id, 'identified', dpoToken)).toBe(404);
  // After the month it is too late for an extension.
  world.now += 32 * day;
  expect(await decide(two?.id ?? '', 'extend', ownerToken)).toBe(409);
  expect((await ask('DELETE', `/v1/requests/${two?.id ?? ''}`, ownerToken)).status).toBe(204);
});

test('Clock (Art 12): gauges show how long the oldest request is open, less its extension', async () => {
  const openFor = async () => {
    const text = await metrics.metrics();
    return Number(/^mysmtp_person_request_oldest_open_seconds (\S+)$/m.exec(text)?.[1]);
  };
  const restart = async () => {
    await world.stop();
    metrics = await world.start();
  };
  await client.db().collection('requests').deleteMany({});
  const [request] = await made({ kind: 'access', addresses: [newAddress()] });
  const received = world.now;
  await restart();
  for (const days of [3, 7, 20, 27]) {
    world.now = received + days * day;
    await eventually(async () => expect(await openFor()).toBe(days * 86_400));
  }
  expect(await decide(request?.id ?? '', 'extend', ownerToken)).toBe(204);
  await restart();
  await eventually(async () => expect(await openFor()).toBe(0));
  await eventually(async () =>
    expect(await metrics.metrics()).toContain('mysmtp_person_requests{state="in_progress"} 1'),
  );
  expect((await ask('DELETE', `/v1/requests/${request?.id ?? ''}`, ownerToken)).status).toBe(204);
});

test('Identity of the asker, P: a code to the mailbox, once and within 30 minutes; programs that open the link change nothing', async () => {
  const address = newAddress();
  const { code, id, secret, nonce } = await confirmed('erasure', address);
  expect(nonce).not.toBe('');
  const again = await ask('POST', '/v1/public/requests/confirm', undefined, { code });
  expect(again.status).toBe(404);
  // 128 random bits.
  expect(Buffer.from(code, 'base64url')).toHaveLength(16);

  const late = newAddress();
  await ask('POST', '/v1/public/requests', undefined, { address: late, kind: 'erasure' });
  const lateCode = codeIn(await mailTo(late, /Please confirm/));
  expect((await ask('GET', `/v1/public/requests/confirm?code=${lateCode}`)).status).toBe(200);
  world.now += 30 * minute + 1;
  const expired = await ask('POST', '/v1/public/requests/confirm', undefined, { code: lateCode });
  expect([expired.status, expired.body]).toEqual([404, again.body]);

  // Each tenant gets its part, as its policy says. The person does not learn who they are.
  const parent = await reaches(id, 'in_progress', operatorToken);
  expect(parent.parts).toHaveLength(2);
  const parts = await Promise.all(parent.parts.map((part) => look(part, operatorToken)));
  expect(parts.map(({ address: shown }) => shown)).toEqual([null, null]);
  const status = await ask('POST', '/v1/public/requests/status', undefined, { secret });
  expect(JSON.stringify(status.body)).not.toMatch(/t1|t3|example/);
  const texts = world.mails.filter(({ to }) => to === address).map(({ text }) => text);
  expect(texts.join()).not.toMatch(/t1|t3/);
});

test('a request of a person waits for the tenant as the tenant has set, and is executed then', async () => {
  const policy = { mode: 'wait', days: 5, disclosedAs: 'Example Ltd, privacy@example.com' };
  expect((await ask('PUT', '/v1/request-policy', sessionToken, policy)).status).toBe(404);
  expect((await ask('PUT', '/v1/request-policy', ownerToken, policy)).status).toBe(204);
  expect((await ask('GET', '/v1/request-policy', ownerToken)).body).toEqual(policy);
  const [kept] = await stored('requestPolicies');
  expect(Object.keys(kept ?? {}).toSorted()).toEqual(['_id', 'days', 'disclosedAs', 'mode']);
  expect(JSON.stringify(kept)).not.toContain('Example');

  const { id, secret } = await confirmedLetter(newAddress());
  const received = world.now;
  const parts = await eventually(async () => {
    world.now += 1_000;
    const found = await client.db().collection('requests').find({ parent: id }).toArray();
    expect(found.map(({ state }) => state as string)).toEqual([
      'waiting_for_tenant',
      'waiting_for_tenant',
    ]);
    return found;
  });
  const mine = String(parts.find(({ tenant }) => tenant === 't1')?._id);
  const theirs = String(parts.find(({ tenant }) => tenant === 't3')?._id);
  expect(world.told).toContainEqual({
    tenant: 't1',
    request: mine,
    kind: 'rectification',
    actsAt: expect.any(Number) as number,
    dueAt: expect.any(Number) as number,
  });
  // The tenant cannot withdraw what the person has requested.
  expect((await ask('DELETE', `/v1/requests/${mine}`, ownerToken)).status).toBe(404);
  expect((await ask('GET', `/v1/requests/${theirs}`, ownerToken)).status).toBe(404);
  world.now = received + 5 * day - hour;
  await eventually(async () => expect((await look(mine)).state).toBe('waiting_for_tenant'));
  world.now = received + 5 * day + hour;
  world.correction = 'corrected';
  await reaches(mine, 'completed');
  // The other tenant has the usual policy: a week. Its human refuses.
  expect(await decide(theirs, 'refuse', officerToken)).toBe(204);
  await reaches(id, 'completed', operatorToken);
  world.correction = 'waits';
  const status = await ask('POST', '/v1/public/requests/status', undefined, { secret });
  const outcomes = (status.body as unknown as { parts: object[] }).parts;
  expect(outcomes).toContainEqual({
    state: 'completed',
    certificate: null,
    reason: null,
    by: 'Example Ltd, privacy@example.com',
    copy: null,
    download: null,
  });
  expect(outcomes).toContainEqual({
    state: 'refused',
    certificate: null,
    reason: 'Why refuse',
    by: null,
    copy: null,
    download: null,
  });
  const result = await eventually(() => {
    const mail = world.mails.find(({ text }) => text.includes('Why refuse'));
    if (mail === undefined) throw new Error('No mail yet');
    return mail.text;
  });
  expect(result).toContain('Example Ltd, privacy@example.com: done');
  expect(result).toContain('complaint');
});

/** As a client in this network. Returns the milliseconds until the answer. */
async function timed(body: object, localAddress: string): Promise<number> {
  const { hostname, port } = new URL((await world.request('GET', '/v1/registry')).url);
  const sent = { hostname, port, localAddress, method: 'POST', path: '/v1/public/requests' };
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const start = performance.now();
    httpRequest({ ...sent, headers }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 202) resolve(performance.now() - start);
        else reject(new Error(`Status ${String(answer.statusCode)}`));
      });
    })
      .once('error', reject)
      .end(JSON.stringify(body));
  });
}

/** The probability that a known address takes longer than an unknown one: 0.5 if nothing can be told apart. */
const longer = (known: readonly number[], unknown: readonly number[]): number => {
  const wins = known.flatMap((a) => unknown.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
  return wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
};

test('Identity of the asker, P: the time of the answer shows no better than chance whether the address is known', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  // oxlint-disable-next-line no-console -- the seed repeats a failure
  console.log(`seed ${String(seed)}`);
  let state = seed;
  const random = (): number => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const count = 100;
  const addresses = Array.from({ length: count }, () => newAddress());
  // Known to the ledger and to a tenant.
  const details = { name: 'Jane Doe' };
  for (const address of addresses) {
    await made({ kind: 'rectification', addresses: [address], details });
  }
  const attempts = [
    ...addresses.map((address) => ({ address, isKnown: true, at: random() })),
    ...addresses.map(() => ({ address: newAddress(), isKnown: false, at: random() })),
  ].toSorted((a, b) => a.at - b.at);
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  // The first requests of a process take longer.
  for (let warm = 0; warm < 20; warm += 1) {
    await timed({ address: newAddress(), kind: 'access' }, '127.0.1.1');
  }
  for (const [at, { address, isKnown }] of attempts.entries()) {
    const network = `127.0.2.${String(1 + Math.floor(at / 40))}`;
    times[isKnown ? 'known' : 'unknown'].push(await timed({ address, kind: 'access' }, network));
  }
  // Mann-Whitney: the standard deviation of this probability, if both have the same distribution.
  const deviation = Math.sqrt((2 * count + 1) / (12 * count * count));
  const probability = longer(times.known, times.unknown);
  expect(Math.abs(probability - 0.5), `seed ${String(seed)}`).toBeLessThan(4 * deviation);
  await client
    .db()
    .collection('requests')
    .deleteMany({ kind: { $in: ['access', 'rectification'] } });
  await client.db().collection('mails').deleteMany({});
}, 120_000);

test('the public page works without scripts, in both languages, and every step answers with a page', async () => {
  const base = (await world.request('GET', '/v1/registry')).url;
  const visit = async (path: string, form?: Readonly<Record<string, string>>, languages = 'de') => {
    const answer = await fetch(new URL(path, base), {
      headers: { accept: 'text/html', 'accept-language': languages },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    });
    return { status: answer.status, headers: answer.headers, html: await answer.text() };
  };
  const address = newAddress();
  const start = await visit('/v1/public/requests');
  expect(start.html).toContain('<html lang="de">');
  expect(start.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
  );
  expect((await visit('/v1/public/requests', undefined, 'en')).html).toContain('<html lang="en">');
  const sent = await visit('/v1/public/requests', { address, kind: 'access', language: 'de' });
  expect([sent.status, sent.html]).toEqual([202, expect.stringContaining('Postfach')]);
  const code = codeIn(await mailTo(address, /freigeben/));
  const link = await visit(`/v1/public/requests/confirm?language=de&code=${code}`);
  expect(link.html).toContain(`value="${code}"`);
  const done = await visit('/v1/public/requests/confirm', { code, language: 'de' });
  expect(done.status).toBe(200);
  const secret = /name="secret" value="([\w-]{43})"/.exec(done.html)?.[1] ?? '';
  const status = await visit('/v1/public/requests/status', { secret, language: 'de' });
  expect(status.html).toContain('Anfrage zurückziehen');
  const withdrawn = await visit('/v1/public/requests/withdraw', { secret, language: 'de' });
  expect(withdrawn.html).toContain('zurückgezogen');
  const wrong = await visit('/v1/public/requests/confirm', { code, language: 'de' });
  expect([wrong.status, wrong.headers.get('content-type')]).toEqual([
    404,
    'text/html; charset=utf-8',
  ]);
  for (const { html } of [start, sent, link, done, status, withdrawn, wrong]) {
    expect(html).not.toMatch(/<script|\son\w+=|src=/i);
    expect(html).not.toContain(address);
  }
});

test('no more than three mails a day to one address, and nobody sees that there are no more', async () => {
  const address = newAddress();
  const answers = [];
  for (let count = 0; count < 5; count += 1) {
    const answer = await ask('POST', '/v1/public/requests', undefined, { address, kind: 'access' });
    answers.push([answer.status, answer.body]);
  }
  expect(answers).toEqual(Array.from({ length: 5 }, () => [202, { next: 'mail' }]));
  await mailTo(address, /Please confirm/);
  const marker = newAddress();
  await ask('POST', '/v1/public/requests', undefined, { address: marker, kind: 'access' });
  await mailTo(marker, /Please confirm/);
  expect(world.mails.filter(({ to }) => to === address)).toHaveLength(3);
});

test('a mail is kept sealed until ingress accepts it, and submitted again', async () => {
  world.isIngressAway = true;
  const address = newAddress();
  await ask('POST', '/v1/public/requests', undefined, { address, kind: 'access' });
  await eventually(async () => {
    const [mail] = await stored('mails');
    expect(mail?.['attempts']).toBeGreaterThan(0);
    expect(Object.keys(mail ?? {}).toSorted()).toEqual(
      ['_id', 'about', 'attempts', 'content', 'createdAt', 'dueAt'].toSorted(),
    );
    expect(JSON.stringify(mail)).not.toContain('Jane');
  });
  world.isIngressAway = false;
  world.now += minute;
  await mailTo(address, /Please confirm/);
  await eventually(async () => expect(await stored('mails')).toEqual([]));
});

test('letters and mail to privacy@ become requests: an operator enters them, the person confirms or is identified', async () => {
  const address = newAddress();
  const receivedAt = new Date(world.now - 2 * day).toISOString();
  const letter = {
    channel: 'letter',
    kind: 'rectification',
    address,
    receivedAt,
    language: 'de',
    note: 'Folder 12',
  };
  expect((await ask('POST', '/v1/requests/entered', ownerToken, letter)).status).toBe(404);
  const future = { ...letter, receivedAt: new Date(world.now + day).toISOString() };
  expect((await ask('POST', '/v1/requests/entered', officerToken, future)).status).toBe(400);
  const entered = await ask('POST', '/v1/requests/entered', officerToken, letter);
  expect(entered.status).toBe(201);
  const id = (entered.body as unknown as { id: string }).id;
  expect(await look(id, officerToken)).toMatchObject({
    channel: 'letter',
    state: 'awaiting_challenge',
    receivedAt,
    history: [{ kind: 'received', by: 'person:p3', reason: 'Folder 12' }],
  });
  const old = codeIn(await mailTo(address, /freigeben/));
  world.now += hour;
  expect(await decide(id, 'challenge', officerToken)).toBe(204);
  await eventually(() => expect(world.mails.filter(({ to }) => to === address)).toHaveLength(2));
  expect((await ask('POST', '/v1/public/requests/confirm', undefined, { code: old })).status).toBe(
    404,
  );
  expect(await decide(id, 'identified', officerToken)).toBe(204);
  await reaches(id, 'in_progress', officerToken);
  expect(await decide(id, 'identified', officerToken)).toBe(409);

  const another = { ...letter, address: newAddress() };
  const { body } = await ask('POST', '/v1/requests/entered', officerToken, another);
  const refused = (body as unknown as { id: string }).id;
  expect(await decide(refused, 'refuse', officerToken)).toBe(204);
  // Its end removes the address.
  await eventually(async () => {
    world.now += 1_000;
    const found = (await stored('requests')).find(({ _id }) => String(_id) === refused);
    expect(found).toMatchObject({ content: null });
  });
  expect(await decide(refused, 'identified', officerToken)).toBe(409);
});

test('Restriction (18(3)): a person records that somebody was told, never a key', async () => {
  world.isIngressAway = true;
  const lift = { kind: 'restriction', details: { lift: true }, language: 'de' };
  const [lifting] = await made({ ...lift, addresses: [newAddress()] });
  const id = lifting?.id ?? '';
  await eventually(async () => {
    world.now += 1_000;
    expect(await look(id)).toMatchObject({ waitingFor: ['the notice to the person'] });
  });
  expect(await decide(id, 'act', ownerToken)).toBe(409);
  expect(await decide(id, 'act', dpoToken)).toBe(204);
  expect((await look(id)).history.at(-1)).toMatchObject({ kind: 'acted', by: 'person:p2' });
  world.isIngressAway = false;
});

test('Objection (21): one click is an entry in the ledger, once for each person and customer', async () => {
  const person = randomUUID();
  const { keys } = await world.ask('ingress', 't1', ['account']);
  if (keys.account === undefined) throw new Error('No key');
  const token = sealUnsubscribe(keys.account, 't1', person);
  const body = { 'List-Unsubscribe': 'One-Click' };
  const click = () =>
    world.request('POST', `/v1/unsubscribe/${token}`, undefined, body).then(({ status }) => status);
  const clicks = client.db().collection('requests').find({ channel: 'one-click' });
  // Two at once, and a third one later.
  expect(await Promise.all([click(), click()])).toEqual([200, 200]);
  const [entry] = await clicks.toArray();
  const id = String(entry?.['_id']);
  const done = await reaches(id, 'completed');
  expect(await click()).toBe(200);
  expect(done).toMatchObject({ kind: 'objection', channel: 'one-click', address: null });
  expect(done.history.map(({ kind, by }) => [kind, by])).toEqual([
    ['received', 'person'],
    ['completed', 'job:advance-requests'],
  ]);
  const listed = await ask('GET', '/v1/requests?state=completed', ownerToken);
  const { requests } = listed.body as unknown as { requests: { id: string; channel: string }[] };
  expect(requests.filter(({ channel }) => channel === 'one-click').map((one) => one.id)).toEqual([
    id,
  ]);
  // Delivery has the suppression. The ledger forgets who it was after 30 days.
  expect(await client.db().collection('requests').countDocuments({ person })).toBe(1);
  expect(await client.db().collection('requests').countDocuments({ channel: 'one-click' })).toBe(1);
  world.now += 31 * day;
  await world.stop();
  metrics = await world.start();
  await eventually(async () =>
    expect(await client.db().collection('requests').countDocuments({ person })).toBe(0),
  );
  expect((await look(id)).state).toBe('completed');
});

test('OpenDSR: requests in its form, a status, and signed callbacks only when it is done', async () => {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  let answers = 500;
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answers).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = receiver.address() as AddressInfo;
    const group = randomUUID();
    const address = newAddress();
    const body = {
      regulation: 'gdpr',
      subject_request_id: group,
      subject_request_type: 'access',
      submitted_time: new Date(world.now).toISOString(),
      subject_identities: [
        { identity_type: 'email', identity_value: address, identity_format: 'raw' },
      ],
      api_version: '2.0',
      status_callback_urls: [`http://127.0.0.1:${String(port)}/callback`],
    };
    const keys = createLocalJWKSet(
      (await ask('GET', '/.well-known/jwks.json')).body as unknown as JSONWebKeySet,
    );
    const verify = async (detached: unknown, content: string) => {
      const [header = '', , signature = ''] = String(detached).split('.');
      const payload = Buffer.from(content).toString('base64url');
      return flattenedVerify({ protected: header, payload, signature }, keys);
    };
    const made = await ask('POST', '/v1/opendsr/requests', ownerToken, body);
    expect(made.status).toBe(201);
    const answer = made.body as unknown as { encoded_request: string; controller_id: string };
    expect(answer).toMatchObject({ controller_id: 't1', subject_request_id: group });
    expect(JSON.parse(Buffer.from(answer.encoded_request, 'base64').toString())).toEqual(body);
    await verify(made.headers.get('x-opendsr-signature'), answer.encoded_request);
    expect((await ask('POST', '/v1/opendsr/requests', ownerToken, body)).status).toBe(409);
    const route = `/v1/opendsr/requests/${group}`;
    expect((await ask('GET', route, ownerToken)).body).toMatchObject({
      request_status: expect.stringMatching(/^(pending|in_progress)$/) as string,
    });
    expect((await ask('GET', route, operatorToken)).status).toBe(404);
    expect(received).toEqual([]);
    expect((await ask('DELETE', route, ownerToken)).status).toBe(202);
    expect((await ask('GET', route, ownerToken)).body).toMatchObject({
      request_status: 'cancelled',
    });

    // Repeated until the receiver has it.
    const called = () =>
      eventually(() => {
        world.now += 1_000;
        const last = received.at(-1);
        if (last === undefined || received.length < count) throw new Error('Not called yet');
        return last;
      });
    let count = 2;
    await called();
    answers = 204;
    count = received.length + 1;
    const { headers, body: content } = await called();
    await verify(headers['x-opendsr-signature'], content);
    await expect(verify(headers['x-opendsr-signature'], `${content} `)).rejects.toThrow();
    expect(JSON.parse(content)).toMatchObject({
      subject_request_id: group,
      request_status: 'cancelled',
      controller_id: 't1',
    });
    expect(content).not.toContain(address);
    await eventually(async () => {
      const [entry] = await client.db().collection('requests').find({ group }).toArray();
      expect([entry?.['callbackAt'], entry?.['content']]).toEqual([null, null]);
    });
  } finally {
    receiver.close();
  }
});

test('callbacks reach only servers on the internet', async () => {
  world.env['PRIVATE_CALLBACKS'] = 'false';
  await world.stop();
  metrics = await world.start();
  const callback = 'http://127.0.0.1:1/inside';
  const [request] = await made({ kind: 'access', addresses: [newAddress()], callback });
  const id = request?.id ?? '';
  expect((await ask('DELETE', `/v1/requests/${id}`, ownerToken)).status).toBe(204);
  await eventually(() => {
    world.now += 1_000;
    const failed = world.lines.find(
      ({ event, object }) => event === 'request.callback_failed' && object === id,
    );
    expect(failed).toMatchObject({ error: 'ForbiddenUrlError' });
  });
});

test('Erasure (17): a legal hold has a store, a ground, an approver and an end', async () => {
  const hold = {
    tenant: 't1',
    address: newAddress(),
    store: 'logging.messages',
    ground: 'Claim 4711 (GDPR Art. 17(3)(e))',
    until: new Date(world.now + 10 * day).toISOString(),
  };
  const post = (body: object, token = officerToken) => ask('POST', '/v1/holds', token, body);
  expect((await post(hold, ownerToken)).status).toBe(404);
  expect((await post({ ...hold, store: 'privacy.roots' })).status).toBe(400);
  expect((await post({ ...hold, until: new Date(world.now).toISOString() })).status).toBe(400);
  expect((await post({ ...hold, tenant: 'unknown' })).status).toBe(404);
  const approved = await post(hold);
  expect(approved.status).toBe(201);
  const { id } = approved.body as unknown as { id: string };
  const [document] = await stored('holds');
  expect(Object.keys(document ?? {}).toSorted()).toEqual(
    [
      '_id',
      'tenant',
      'person',
      'store',
      'ground',
      'approvedBy',
      'at',
      'until',
      'releasedAt',
      'releasedBy',
      'release',
    ].toSorted(),
  );
  expect(JSON.stringify(document)).not.toMatch(/Jane|4711/);
  expect((await ask('GET', '/v1/holds', operatorToken)).body).toMatchObject({
    holds: [
      { id, store: hold.store, ground: hold.ground, approvedBy: 'person:p3', releasedAt: null },
    ],
  });
  const release = () => ask('POST', `/v1/holds/${id}/release`, officerToken, { reason: 'Settled' });
  expect((await release()).status).toBe(204);
  expect((await release()).status).toBe(409);
  // The person is forgotten with the end, and the rest stays for three years.
  await client.db().collection('requests').deleteMany({ kind: 'erasure' });
  await world.stop();
  metrics = await world.start();
  await eventually(async () => {
    const [ended] = await stored('holds');
    expect(ended).toEqual({
      ...document,
      person: 'forgotten',
      releasedAt: expect.any(Date) as Date,
      releasedBy: 'person:p3',
      release: expect.any(String) as string,
    });
  });
});

test('Automatic deletion (Art 5): what nobody has confirmed ends after 30 minutes, a request after three years', async () => {
  await ask('POST', '/v1/public/requests', undefined, { address: newAddress(), kind: 'access' });
  const left = async (filter: object) =>
    (await client.db().collection('requests').find(filter).toArray()).length;
  expect(await left({ state: 'awaiting_challenge', channel: 'public' })).toBeGreaterThan(0);
  world.now += 31 * minute;
  await world.stop();
  metrics = await world.start();
  await eventually(async () =>
    expect(await left({ state: 'awaiting_challenge', channel: 'public' })).toBe(0),
  );
  const settled = { settledAt: { $ne: null } };
  expect(await left(settled)).toBeGreaterThan(0);
  world.now += 3 * 365 * day + hour;
  await world.stop();
  metrics = await world.start();
  await eventually(async () => expect(await left(settled)).toBe(0));
});
