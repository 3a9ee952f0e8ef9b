import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { day, hour, internalApis } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { mongo } from 'mongoose';
import type { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  exampleOperator,
  officerToken,
  openWorld,
  operatorToken,
  ownerToken,
  sessionToken,
  type World,
} from './running-service.ts';

let world: World;
let metrics: Registry;
let client: mongo.MongoClient;
const first = Date.parse('2026-11-30T12:00:00Z');

beforeAll(async () => {
  world = await openWorld(first);
  metrics = await world.start();
  client = new mongo.MongoClient(world.databases.privacy);
  await (await world.client('identity')).call(internalApis.activateTenant, { tenant: 't1' });
});

afterAll(async () => {
  await client.close();
  await world.close();
});

/** Starts the service again at this time, so that its jobs run. */
async function restartAt(now: number): Promise<void> {
  await world.stop();
  world.now = now;
  metrics = await world.start();
}

const stored = (collection: string) => client.db().collection(collection).find().toArray();

async function json(route: string, token?: string): Promise<Record<string, unknown>> {
  const answer = await world.request('GET', route, token);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

test('Transparency (Art 12–14): the notice is public, in English and German, as JSON and as a page without scripts', async () => {
  expect(await json('/v1/notice')).toMatchObject({
    kind: 'notice',
    language: 'en',
    edition: { number: 1, state: 'effective', effectiveAt: new Date(first).toISOString() },
    next: null,
  });
  expect(await json('/v1/notice?language=de')).toMatchObject({ title: 'Datenschutzerklärung' });
  expect((await world.request('GET', '/v1/notice?edition=2')).status).toBe(404);

  const page = await fetch(new URL('/v1/notice', (await world.request('GET', '/v1/notice')).url), {
    headers: { accept: 'text/html', 'accept-language': 'fr, de-AT;q=0.8, en;q=0.5' },
  });
  const html = await page.text();
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-language')).toBe('de');
  expect(page.headers.get('vary')).toMatch(/accept.*accept-language/i);
  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  expect(html).toContain('<html lang="de">');
  expect(html).toContain('Datenschutzerklärung');
  expect(html).not.toMatch(/<script|\son\w+=|src=/i);
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link)).toEqual(['?language=en']);
});

test('Processor terms (28), records (30): annexes and sub-processors are public, records are for operators', async () => {
  for (const route of ['/v1/annexes', '/v1/sub-processors', '/v1/editions']) await json(route);
  expect((await world.request('GET', '/v1/records')).status).toBe(401);
  expect((await world.request('GET', '/v1/records', ownerToken)).status).toBe(404);
  expect(await json('/v1/records', operatorToken)).toMatchObject({ kind: 'records' });
});

test('Consent (Art 6, 7): off at first, given to the shown text only, withdrawn at once, kept as proof for three years', async () => {
  const consents = async () => (await json('/v1/consents', sessionToken))['consents'] as object[];
  const [shown] = (await consents()) as { texts: { sha256: string; text: string }[] }[];
  expect(await consents()).toMatchObject([{ purpose: 'product-news', given: false, since: null }]);
  const put = (sha256: unknown, token = sessionToken) =>
    world.request('PUT', '/v1/consents/product-news', token, { sha256 });
  expect((await put('0'.repeat(64))).status).toBe(409);
  // A program cannot consent.
  expect((await put(shown?.texts[0]?.sha256, ownerToken)).status).toBe(404);
  await eventually(async () => expect((await put(shown?.texts[0]?.sha256)).status).toBe(204));
  expect(await consents()).toMatchObject([{ given: true }]);
  const withdraw = () => world.request('DELETE', '/v1/consents/product-news', sessionToken);
  expect((await withdraw()).status).toBe(204);
  expect(await consents()).toMatchObject([{ given: false }]);
  // It is given no longer, so there is nothing more to withdraw.
  expect((await withdraw()).status).toBe(204);
  const entries = await stored('consents');
  expect(entries).toHaveLength(2);
  for (const entry of entries) {
    expect(Object.keys(entry)).toEqual(['_id', 'tenant', 'person', 'at', 'content']);
    expect(JSON.stringify(entry)).not.toContain('product-news');
  }
});

const laptop = {
  awareAt: new Date(first).toISOString(),
  nature: 'A laptop was stolen.',
  consequences: 'Times of erasures can be read.',
  measures: 'The key was revoked.',
  stores: ['privacy.consents', 'queue.delivery.mail'],
  tenants: ['t1'],
};

test('Breach (33, 34): clocks start when a human is aware, are shown, stop by decisions with a reason, and the register stays', async () => {
  const post = (route: string, body: unknown, token = operatorToken) =>
    world.request('POST', route, token, body);
  expect((await post('/v1/breaches', laptop, ownerToken)).status).toBe(404);
  const future = { ...laptop, awareAt: new Date(first + hour).toISOString() };
  expect((await post('/v1/breaches', future)).status).toBe(400);
  expect((await post('/v1/breaches', { ...laptop, stores: ['x'] })).status).toBe(400);
  const recorded = await post('/v1/breaches', laptop);
  expect(recorded.status).toBe(201);
  const route = recorded.headers.get('location') ?? '';

  const [breach] = await stored('breaches');
  expect(Object.keys(breach ?? {}).toSorted()).toEqual(
    [
      '_id',
      'awareAt',
      'authorityDueAt',
      'customersDueAt',
      'authoritySettledAt',
      'customersSettledAt',
      'closedAt',
      'entries',
    ].toSorted(),
  );
  const entries = (breach as unknown as { entries: object[] }).entries;
  expect(Object.keys(entries[0] ?? {})).toEqual(['at', 'by', 'kind', 'content']);
  expect(JSON.stringify(breach)).not.toContain('laptop');

  const draft = JSON.stringify(await json(`${route}/draft`, operatorToken));
  for (const article of ['33(3)(a)', '33(3)(b)', '33(3)(c)', '33(3)(d)']) {
    expect(draft).toContain(article);
  }
  expect(draft).toContain('Customers concerned: about 1.');
  expect(draft).toContain('["privacy.consents","2"],["queue.delivery.mail","not counted"]');
  expect(draft).not.toContain('Reasons for the delay');

  const left = async (kind: string) => {
    const pattern = new RegExp(`mysmtp_breach_remaining_seconds\\{kind="${kind}"\\} (\\S+)`);
    const text = pattern.exec(await metrics.metrics())?.[1];
    return text === '+Inf' ? Infinity : Number(text);
  };
  expect([await left('customers'), await left('authority')]).toEqual([24 * 3_600, 72 * 3_600]);
  world.now = first + 73 * hour;
  expect([await left('customers'), await left('authority')]).toEqual([-49 * 3_600, -3_600]);
  expect(JSON.stringify(await json(`${route}/draft`, operatorToken))).toContain(
    'Reasons for the delay',
  );

  const decide = async (decision: string) =>
    (await post(`${route}/decisions`, { decision, reason: `Why ${decision}` })).status;
  expect(await decide('closed')).toBe(409);
  expect(await decide('customers-told')).toBe(204);
  expect(await decide('customers-not-needed')).toBe(409);
  expect(await decide('authority-not-needed')).toBe(204);
  expect([await left('customers'), await left('authority')]).toEqual([Infinity, Infinity]);
  expect(await decide('note')).toBe(204);
  expect(await decide('closed')).toBe(204);
  expect(await decide('note')).toBe(409);
  expect(await json(route, operatorToken)).toMatchObject({
    nature: laptop.nature,
    entries: [
      { kind: 'recorded', by: 'token:k2', reason: null },
      { kind: 'customers-told', reason: 'Why customers-told' },
      { kind: 'authority-not-needed' },
      { kind: 'note' },
      { kind: 'closed' },
    ],
  });
});

test('Erasure (17): a legal hold has a store, a ground, an approver and an end', async () => {
  world.factorAt = () => world.now;
  const hold = {
    tenant: 't1',
    address: 'Jane@example.net',
    store: 'logging.messages',
    ground: 'Claim 4711 (GDPR Art. 17(3)(e))',
    until: new Date(world.now + 10 * day).toISOString(),
  };
  const post = (body: object, token = officerToken) =>
    world.request('POST', '/v1/holds', token, body);
  expect((await post(hold, ownerToken)).status).toBe(404);
  expect((await post({ ...hold, store: 'privacy.roots' })).status).toBe(400);
  expect((await post({ ...hold, until: new Date(world.now).toISOString() })).status).toBe(400);
  expect((await post({ ...hold, tenant: 'unknown' })).status).toBe(404);
  const approved = await post(hold);
  expect(approved.status).toBe(201);
  const { id } = (await approved.json()) as { id: string };
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
  expect(await json('/v1/holds', operatorToken)).toMatchObject({
    holds: [
      { id, store: hold.store, ground: hold.ground, approvedBy: 'person:p3', releasedAt: null },
    ],
  });
  const release = () =>
    world.request('POST', `/v1/holds/${id}/release`, officerToken, { reason: 'Settled' });
  expect((await release()).status).toBe(204);
  expect((await release()).status).toBe(409);
  // The person is forgotten with the end, and the rest stays for three years.
  await restartAt(world.now);
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

test('Transparency (Art 12–14), terms (28): a new sub-processor is announced, and in force 30 days later', async () => {
  const before = await json('/v1/sub-processors');
  expect(await (await world.client('identity')).call(internalApis.announcement, {})).toEqual({
    announcement: null,
  });
  const facts = JSON.parse(await readFile(exampleOperator, 'utf8')) as { subProcessors: object[] };
  const more = { ...facts.subProcessors[0], name: 'Another Hosting GmbH' };
  const file = path.join(world.dir, 'operator.json');
  await writeFile(
    file,
    JSON.stringify({ ...facts, subProcessors: [...facts.subProcessors, more] }),
  );
  const announced = first + 10 * day;
  world.env['OPERATOR_FILE'] = file;
  await restartAt(announced);
  const next = {
    number: 2,
    state: 'announced',
    effectiveAt: new Date(announced + 30 * day).toISOString(),
  };
  expect(await json('/v1/sub-processors')).toMatchObject({ edition: { number: 1 }, next });
  expect(await (await world.client('identity')).call(internalApis.announcement, {})).toEqual({
    announcement: {
      edition: 2,
      effectiveAt: announced + 30 * day,
      page: 'https://privacy.example.org/v1/notice?edition=2',
    },
  });
  expect(await json('/v1/sub-processors?edition=2')).toMatchObject({ edition: next });
  world.now = announced + 30 * day - 1;
  const last = await json('/v1/sub-processors');
  expect(last['sections']).toEqual(before['sections']);
  world.now += 1;
  const after = await json('/v1/sub-processors');
  expect(after).toMatchObject({ edition: { number: 2, state: 'effective' }, next: null });
  expect(JSON.stringify(after)).toContain('Another Hosting GmbH');
  expect(await json('/v1/sub-processors?edition=1')).toMatchObject({
    edition: { state: 'replaced' },
    sections: before['sections'],
  });

  world.env['OPERATOR_FILE'] = path.join(world.dir, 'none.json');
  await world.stop();
  await expect(world.start()).rejects.toThrow('OPERATOR_FILE: cannot be read (ENOENT)');
  world.env['OPERATOR_FILE'] = file;
});

test('Automatic deletion (Art 5): the proof of a consent ends after three years, a closed breach after five', async () => {
  const year = 365 * day;
  await restartAt(first + 3 * year - hour);
  expect(await stored('consents')).toHaveLength(2);
  await restartAt(first + 3 * year + hour);
  await eventually(async () => expect(await stored('consents')).toEqual([]));
  expect(await stored('breaches')).toHaveLength(1);
  await restartAt(first + 5 * year + hour);
  await eventually(async () => expect(await stored('breaches')).toEqual([]));
});
