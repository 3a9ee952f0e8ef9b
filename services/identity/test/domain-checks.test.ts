import { hour, minute } from '@mysmtp/contracts';
import { startDnsServer, type DnsServer } from '@mysmtp/test-kit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Stores } from '../src/stores.ts';
import { readDatabase } from './support/documents.ts';
import { openRooms, startIdentity, tester, type Identity } from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

/** Two processes of identity, and the API in a third, with a name server whose zone the tests change. */
const opened = new AsyncDisposableStack();
const zone = { txt: {} as Record<string, string[]>, failing: [] as string[] };
const clock = { ahead: 0, now: () => Date.now() + clock.ahead };
let dns: DnsServer;
let world: World;
let one: Awaited<ReturnType<typeof openRooms>>;
let other: Awaited<ReturnType<typeof openRooms>>;
let api: Identity;
let operator: string;

beforeAll(async () => {
  dns = opened.adopt(await startDnsServer(zone), (open) => open.close());
  world = opened.use(await openWorld());
  const settings = { dnsServers: [dns.address] };
  one = opened.use(await openRooms(world, undefined, clock, settings));
  other = opened.use(await openRooms(world, undefined, clock, settings));
  api = opened.use(await startIdentity(world, undefined, undefined, settings));
  operator = (await one.stores.tokens.create(tester, { role: 'operator', tenant: null })).token;
});
afterAll(() => opened.disposeAsync());

beforeEach(() => {
  zone.txt = {};
  zone.failing = [];
  dns.asked.length = 0;
});

let serial = 0;
const newName = () => `checked-${String((serial += 1))}.example`;

interface Claim {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly token: string;
}

/** A tenant with a domain that is only a claim. */
async function claim(name = newName()): Promise<Claim> {
  const { tenant, ownerToken } = await one.stores.tenants.register(tester, {
    name: 'T',
    domain: name,
  });
  const [domain] = await one.stores.domains.list(tenant.id);
  return { id: domain!.id, tenant: tenant.id, name, token: ownerToken };
}

async function publish({ id }: Claim, kind: string): Promise<void> {
  const shown = await one.stores.domainChecks.show(id);
  const { name = '', value } = shown?.records.find((record) => record.kind === kind) ?? {};
  zone.txt[name] = [...(zone.txt[name] ?? []), value ?? ''];
}

/** Checks the domain, a minute after the last time. */
async function check({ id }: Claim, { stores }: { readonly stores: Stores } = one) {
  clock.ahead += minute;
  expect(await stores.domainChecks.checkNow(id)).toBe(true);
  const shown = await stores.domainChecks.show(id);
  const states = shown?.records.map(({ kind, state }) => [kind, state] as const) ?? [];
  return {
    status: shown?.domain.status,
    taken: shown?.taken,
    states: Object.fromEntries(states) as Record<string, string>,
  };
}

const linesOf = (event: string, { id }: Claim) =>
  [...one.lines, ...other.lines]
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['event'] === event && line['domain'] === id);

const stored = (collection: string, { id }: Claim) =>
  readDatabase(world.mongodbUrl, (db) => db.collection(collection).findOne({ _id: id as never }));

test('a domain is verified when DNS has its challenge, which is in no store', async () => {
  const mine = await claim();
  expect(await check(mine)).toMatchObject({
    status: 'unverified',
    taken: false,
    states: { ownership: 'missing', spf: 'missing' },
  });
  await publish(mine, 'ownership');
  expect(await check(mine)).toMatchObject({ status: 'verified', states: { ownership: 'ok' } });
  expect(linesOf('domain.verified', mine)).toMatchObject([{ actor: 'job:check-domains' }]);
  expect(await stored('domains', mine)).toMatchObject({ status: 'verified', version: 2 });
  const document = await stored('domainChecks', mine);
  const [text = ''] = zone.txt[`_mysmtp-challenge.${mine.name}`] ?? [];
  const challenge = text.split('=')[1] ?? '';
  expect(challenge.length).toBeGreaterThan(20);
  expect(JSON.stringify([document, await stored('domains', mine)])).not.toContain(challenge);
  expect(document).toMatchObject({ tenant: mine.tenant, results: expect.any(String) });
});

test('the first tenant that shows its challenge has the domain, until the challenge is gone for a week', async () => {
  const first = await claim();
  const second = await claim(first.name);
  await publish(first, 'ownership');
  await publish(second, 'ownership');
  expect(await check(first)).toMatchObject({ status: 'verified' });
  expect(await check(second, other)).toMatchObject({
    status: 'unverified',
    taken: true,
    states: { ownership: 'ok' },
  });

  zone.txt = {};
  await publish(second, 'ownership');
  expect(await check(first)).toMatchObject({
    status: 'verified',
    states: { ownership: 'different' },
  });
  expect(await stored('domainChecks', first)).toMatchObject({
    ownershipLostAt: expect.any(Number),
  });
  clock.ahead += 7 * 24 * hour - 10 * minute;
  // An answer that is no answer neither ends the week nor begins it again.
  zone.failing = [`_mysmtp-challenge.${first.name}`];
  expect(await check(first)).toMatchObject({ status: 'verified', states: { ownership: 'error' } });
  zone.failing = [];
  expect(await check(first)).toMatchObject({ status: 'verified' });
  clock.ahead += 10 * minute;
  expect(await check(first)).toMatchObject({ status: 'unverified' });
  expect(linesOf('domain.ownership_lost', first)).toHaveLength(1);
  expect(await check(second)).toMatchObject({ status: 'verified', taken: false });
  expect(await check(first, other)).toMatchObject({ status: 'unverified' });
});

test('a key counts as published while DNS has it; a failure of DNS changes nothing', async () => {
  const mine = await claim();
  const dkimOf = async () => (await stored('domains', mine))?.['dkim'] as unknown;
  const key = { selector: 'mysmtp-0123456789', publicKey: 'A'.repeat(392) };
  expect(await one.stores.domainVerification.setDkimKeys(mine.id, key)).toBe(true);
  await publish(mine, 'ownership');
  expect(await check(mine)).toMatchObject({ status: 'verified', states: { dkim: 'missing' } });
  expect(await dkimOf()).toBe('missing');

  await publish(mine, 'dkim');
  expect(await check(mine)).toMatchObject({ states: { dkim: 'ok' } });
  expect(await dkimOf()).toBe('published');
  const version = (await stored('domains', mine))?.['version'] as number;

  const name = `${key.selector}._domainkey.${mine.name}`;
  zone.failing = [name];
  expect(await check(mine)).toMatchObject({ states: { dkim: 'error' } });
  zone.failing = [];
  expect(await check(mine)).toMatchObject({ states: { dkim: 'ok' } });
  // Nothing was told to the other services.
  expect(await stored('domains', mine)).toMatchObject({
    dkim: 'published',
    version,
  });
  expect(linesOf('domain.record_broken', mine)).toEqual([]);

  delete zone.txt[name];
  await check(mine);
  await check(mine);
  expect(await dkimOf()).toBe('missing');
  expect(linesOf('domain.record_broken', mine)).toMatchObject([{ reason: 'dkim' }]);
  expect((await one.stores.domainChecks.measure()).broken).toMatchObject({ dkim: 1, spf: 0 });

  await publish(mine, 'dkim');
  await check(mine);
  expect(await dkimOf()).toBe('published');
  expect(linesOf('domain.record_restored', mine)).toMatchObject([{ reason: 'dkim' }]);
  expect((await one.stores.domainChecks.measure()).broken).toMatchObject({ dkim: 0 });

  // Another key is not published because the first one was, also if DNS does not answer about it.
  const next = { ...key, selector: 'mysmtp-9876543210' };
  await one.stores.domainVerification.setDkimKeys(mine.id, next);
  expect(await dkimOf()).toBe('missing');
  const stale = { id: mine.id, dkimKey: key, ed25519Key: undefined };
  const found = { dkim: 'published', ed25519: undefined } as const;
  await one.stores.domainVerification.settleDkim(stale, found);
  expect(await dkimOf()).toBe('missing');
  zone.failing = [`${next.selector}._domainkey.${mine.name}`];
  expect(await check(mine)).toMatchObject({ states: { dkim: 'error' } });
  expect(await dkimOf()).toBe('missing');
  expect(linesOf('domain.record_broken', mine)).toHaveLength(1);
});

test('an Ed25519 key is shown beside the RSA key, and counts as published by itself', async () => {
  const mine = await claim();
  const rsa = { selector: 'mysmtp-0123456789', publicKey: 'A'.repeat(392) };
  const ed25519 = { selector: 'mysmtp-abcdef0123', publicKey: `${'B'.repeat(43)}=` };
  const statesOf = async () => {
    const document = await stored('domains', mine);
    return [document?.['dkim'], document?.['ed25519']] as unknown[];
  };
  const { domainVerification } = one.stores;
  // Delivery of the release before reports only the RSA key.
  await domainVerification.setDkimKeys(mine.id, rsa);
  await publish(mine, 'dkim');
  expect((await check(mine)).states).not.toHaveProperty('dkim-ed25519');
  expect(await statesOf()).toEqual(['published', undefined]);

  await domainVerification.setDkimKeys(mine.id, rsa, ed25519);
  expect(await statesOf()).toEqual(['published', 'missing']);
  const shown = await one.stores.domainChecks.show(mine.id);
  expect(shown?.records.filter(({ kind }) => kind.startsWith('dkim'))).toMatchObject([
    { kind: 'dkim', need: 'required', state: 'ok' },
    {
      kind: 'dkim-ed25519',
      name: `${ed25519.selector}._domainkey.${mine.name}`,
      value: `v=DKIM1; k=ed25519; p=${ed25519.publicKey}`,
      need: 'optional',
      state: 'unchecked',
    },
  ]);
  expect(JSON.stringify(await stored('domains', mine))).not.toContain(ed25519.publicKey);

  await publish(mine, 'dkim-ed25519');
  expect(await check(mine)).toMatchObject({ states: { dkim: 'ok', 'dkim-ed25519': 'ok' } });
  expect(await statesOf()).toEqual(['published', 'published']);
  zone.failing = [`${ed25519.selector}._domainkey.${mine.name}`];
  await check(mine);
  zone.failing = [];
  expect(await statesOf()).toEqual(['published', 'published']);
  delete zone.txt[`${ed25519.selector}._domainkey.${mine.name}`];
  expect(await check(mine)).toMatchObject({ states: { 'dkim-ed25519': 'missing' } });
  expect(await statesOf()).toEqual(['published', 'missing']);
  // Mail has the RSA signature still.
  expect(linesOf('domain.record_broken', mine)).toEqual([]);

  // A state that was published without the key, by a process of the release before, is published again.
  const versionOf = async () => (await stored('domains', mine))?.['version'] as number;
  const version = await versionOf();
  await domainVerification.setDkimKeys(mine.id, rsa);
  expect(await versionOf()).toBe(version);
  await domainVerification.setDkimKeys(mine.id, rsa, ed25519);
  expect(await versionOf()).toBe(version + 1);

  await publish(mine, 'dkim-ed25519');
  await check(mine);
  await one.stores.domains.setSigning(tester, mine.id, 'customer');
  expect(await statesOf()).toEqual(['missing', 'missing']);
  await one.stores.domains.setSigning(tester, mine.id, 'ours');
  await check(mine);
  expect(await statesOf()).toEqual(['published', 'published']);
  const vouch = { reason: 'A network without public DNS', withoutDns: true };
  await one.stores.domains.vouch(tester, mine.id, vouch);
  expect(await statesOf()).toEqual(['assumed', 'missing']);
  // Another RSA key changes nothing about this one.
  await domainVerification.setDkimKeys(mine.id, { ...rsa, selector: 'mysmtp-next' }, ed25519);
  expect(await stored('domains', mine)).toMatchObject({
    dkimSelector: 'mysmtp-next',
    ed25519Selector: ed25519.selector,
  });
});

test('a key is looked up again when we sign again', async () => {
  const mine = await claim();
  const key = { selector: 'mysmtp-0123456789', publicKey: 'A'.repeat(392) };
  await one.stores.domainVerification.setDkimKeys(mine.id, key);
  await publish(mine, 'dkim');
  await check(mine);
  await one.stores.domains.setSigning(tester, mine.id, 'customer');
  expect((await check(mine)).states).not.toHaveProperty('dkim');
  await one.stores.domains.setSigning(tester, mine.id, 'ours');
  expect(await stored('domains', mine)).toMatchObject({ dkim: 'missing' });
  clock.ahead += minute;
  await one.stores.domainChecks.checkDue();
  expect(await stored('domains', mine)).toMatchObject({ dkim: 'published' });
});

test('our mechanism is put into the SPF record that there is', async () => {
  const mine = await claim();
  zone.txt[mine.name] = ['v=spf1 mx -all'];
  expect(await check(mine)).toMatchObject({ states: { spf: 'different' } });
  const shown = await one.stores.domainChecks.show(mine.id);
  expect(shown?.records.find(({ kind }) => kind === 'spf')).toMatchObject({
    value: 'v=spf1 include:_spf.relay.example mx -all',
    found: ['v=spf1 mx -all'],
  });
});

test('each domain that is due is checked once, by one of the processes, and again later', async () => {
  const claims = await Promise.all(Array.from({ length: 12 }, () => claim()));
  const askedFor = ({ name }: Claim) =>
    dns.asked.filter((asked) => asked === `TXT _mysmtp-challenge.${name}`).length;
  const both = () =>
    Promise.all([one.stores.domainChecks.checkDue(), other.stores.domainChecks.checkDue()]);
  await both();
  // The owner of a claim needs time to publish.
  expect(claims.map(askedFor)).toEqual(claims.map(() => 0));
  clock.ahead += 6 * minute;
  await both();
  expect(claims.map(askedFor)).toEqual(claims.map(() => 1));
  expect((await one.stores.domainChecks.measure()).oldestDue).toBeUndefined();
  await both();
  expect(claims.map(askedFor)).toEqual(claims.map(() => 1));
  // Hourly, not all at the same time.
  const due = await Promise.all(
    claims.map(async (mine) => (await stored('domainChecks', mine))?.['dueAt'] as number),
  );
  expect(new Set(due).size).toBeGreaterThan(1);
  clock.ahead += 1.2 * hour;
  await both();
  expect(claims.map(askedFor)).toEqual(claims.map(() => 2));
});

test('the lease of a process that crashed ends', async () => {
  const mine = await claim();
  await readDatabase(world.mongodbUrl, (db) =>
    db
      .collection('domainChecks')
      .updateOne({ _id: mine.id as never }, { $set: { leasedUntil: clock.now() + 2 * minute } }),
  );
  clock.ahead += minute;
  expect(await one.stores.domainChecks.checkNow(mine.id)).toBe(false);
  clock.ahead += 2 * minute;
  expect(await one.stores.domainChecks.checkNow(mine.id)).toBe(true);
  expect(await stored('domainChecks', mine)).not.toHaveProperty('leasedUntil');
});

test('a domain that is used without DNS is never looked up', async () => {
  const mine = await claim();
  const vouch = { reason: 'A network without public DNS', withoutDns: true };
  expect(await one.stores.domains.vouch(tester, mine.id, vouch)).toMatchObject({
    status: 'vouched',
  });
  expect(await stored('domains', mine)).toMatchObject({ dkim: 'assumed' });
  clock.ahead += 24 * hour;
  await one.stores.domainChecks.checkDue();
  expect(dns.asked.filter((asked) => asked.includes(mine.name))).toEqual([]);

  // Without the vouch it is a claim like any other.
  await one.stores.domains.endVouch(tester, mine.id);
  await one.stores.domainChecks.checkDue();
  expect(dns.asked.filter((asked) => asked.includes(mine.name))).not.toEqual([]);
  expect(await stored('domains', mine)).toMatchObject({ status: 'unverified', dkim: 'missing' });
});

test('a domain of an earlier release is used as before until its first check', async () => {
  const mine = await claim();
  await readDatabase(world.mongodbUrl, async (db) => {
    const earlier = { $unset: { status: true, dkim: true } } as const;
    await db.collection('domains').updateOne({ _id: mine.id as never }, earlier);
    await db.collection('domainChecks').deleteOne({ _id: mine.id as never });
  });
  const key = { selector: 'mysmtp-0123456789', publicKey: 'A'.repeat(392) };
  await one.stores.domainVerification.setDkimKeys(mine.id, key);
  expect(await stored('domains', mine)).not.toHaveProperty('dkim');
  await one.stores.domainVerification.planMissingChecks();
  await one.stores.domainChecks.checkDue();
  expect(await stored('domains', mine)).toMatchObject({ status: 'vouched', dkim: 'missing' });
});

test('a removed domain has no schedule', async () => {
  const mine = await claim();
  await one.stores.domains.remove(tester, mine.id);
  expect(await stored('domainChecks', mine)).toBeNull();
});

test('the owner reads the records and checks them, not faster than every 30 seconds; nobody else does', async () => {
  const [mine, theirs] = [await claim(), await claim()];
  const url = `/v1/domains/${mine.id}`;
  const shown = await api.call('GET', `${url}/records`, mine.token);
  expect(shown).toMatchObject({
    status: 200,
    body: { domain: { name: mine.name, status: 'unverified' }, taken: false, checkedAt: null },
  });
  expect((shown.body['records'] as unknown[])[0]).toMatchObject({
    kind: 'ownership',
    name: `_mysmtp-challenge.${mine.name}`,
    type: 'TXT',
    value: expect.stringMatching(/^mysmtp-domain=[\w-]{43}$/),
    need: 'required',
    state: 'unchecked',
    found: [],
  });
  await publish(mine, 'ownership');
  expect(await api.call('POST', `${url}/check`, mine.token)).toMatchObject({
    status: 200,
    body: { domain: { status: 'verified' }, checkedAt: expect.any(String) },
  });
  expect((await api.call('POST', `${url}/check`, mine.token)).status).toBe(429);
  expect((await api.call('GET', `${url}/records`, theirs.token)).status).toBe(404);
  expect((await api.call('POST', `${url}/check`, theirs.token)).status).toBe(404);
  // Without an open access (break-glass).
  expect((await api.call('GET', `${url}/records`, operator)).status).toBe(404);
});
