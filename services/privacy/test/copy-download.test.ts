import { randomUUID } from 'node:crypto';
import { day, hour, minute, type PersonExport } from '@mysmtp/contracts';
import { eventually, exportedRow } from '@mysmtp/test-kit';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRequestService, type RequestService } from './request-service.ts';
import {
  dpoToken,
  operatorToken,
  ownerToken,
  sessionToken,
  type World,
} from './running-service.ts';

/** A person without an account and the copies of two customers: t1 says who it is, t3 does not. */
let service: RequestService;
let world: World;
const disclosedAs = 'Example Ltd, privacy@example.com';

beforeAll(async () => {
  service = await openRequestService(Date.parse('2027-01-31T12:00:00Z'), {
    rows: [exportedRow({ sender: 'shop@sells.example', recipient: 'asks@example.net' })],
  });
  ({ world } = service);
  await eventually(async () => {
    const policy = { mode: 'act_at_once', days: 7, disclosedAs };
    const set = await world.request('PUT', '/v1/request-policy', ownerToken, policy);
    expect(set.status).toBe(204);
  });
});
afterAll(() => service.close());

interface Shown {
  readonly state: string;
  readonly parts: {
    readonly by: string | null;
    readonly copy: string | null;
    readonly download: { readonly part: string; readonly until: string } | null;
  }[];
}

const post = (step: string, body: object) =>
  world.request('POST', `/v1/public/requests${step}`, undefined, body);

const status = async (secret: string): Promise<Shown> =>
  (await (await post('/status', { secret })).json()) as Shown;

/** The part of the customer that says who it is, once it is done. */
async function offered(secret: string) {
  await eventually(async () => {
    world.now += 1_000;
    const listed = await world.request('GET', '/v1/requests?state=completed', ownerToken);
    expect(((await listed.json()) as { requests: object[] }).requests).toHaveLength(1);
  });
  const download = (await status(secret)).parts.find(({ by }) => by === disclosedAs)?.download;
  if (download === undefined || download === null) throw new Error('There is no copy');
  return download;
}

const asPage = (step: string, form: Readonly<Record<string, string>>) =>
  post('', {}).then(({ url }) =>
    fetch(new URL(`/v1/public/requests${step}`, url), {
      method: 'POST',
      headers: { accept: 'text/html' },
      body: new URLSearchParams(form),
    }),
  );

test('Access (15), P: the secret of the request downloads the copy of a customer that says who it is, for seven days', async () => {
  const address = `asks.${randomUUID()}@example.net`;
  const { secret } = await service.confirmed('access', address);
  const { part, until } = await offered(secret);
  const began = world.now;
  expect(Date.parse(until) - began).toBeGreaterThan(7 * day - hour);
  // The other customer has a week to decide, and the copy of this one is gone by then.
  const early = await service.mailTo(address, /a copy/);
  expect(early).toContain(disclosedAs);
  expect(early).toContain(until.slice(0, 10));

  const copy = await post('/download', { secret, part });
  expect([copy.status, copy.headers.get('content-type')]).toEqual([
    200,
    'application/octet-stream',
  ]);
  expect(copy.headers.get('content-disposition')).toBe(`attachment; filename="export-${part}.zip"`);
  const files = unzipSync(new Uint8Array(await copy.arrayBuffer()));
  const exported = JSON.parse(strFromU8(files['export.json']!)) as PersonExport;
  expect(exported).toMatchObject({ request: part, address, masked: true });
  expect(exported.data['logging.messages']).toMatchObject([{ sender: 's***@sells.example' }]);

  const page = await (await asPage('/status', { secret, language: 'de' })).text();
  expect(page).toContain('Kopie abrufen');
  expect(page).toContain(`name="part" value="${part}"`);
  const again = await asPage('/download', { secret, part });
  expect(
    Buffer.from(await again.arrayBuffer())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
  // The customer sees once that its part has reached the person.
  const shown = await world.request('GET', `/v1/requests/${part}`, ownerToken);
  const { history } = (await shown.json()) as { history: { kind: string; by: string }[] };
  expect(history.filter(({ kind }) => kind === 'downloaded')).toMatchObject([{ by: 'person' }]);

  // Whatever is wrong, the answer is the same.
  const other = await service.confirmed('access', `other.${randomUUID()}@example.net`);
  world.now += minute;
  const problem = await (await post('/download', { secret: 'x'.repeat(43), part })).json();
  expect(problem).toMatchObject({ type: 'urn:mysmtp:problem:not-found', status: 404 });
  const same = async (body: object) =>
    expect(await (await post('/download', body)).json()).toEqual(problem);
  await same({ secret, part: randomUUID() });
  await same({ secret: other.secret, part });

  world.now = Date.parse(until) - minute;
  expect((await post('/download', { secret, part })).status).toBe(200);
  world.now = Date.parse(until);
  await same({ secret, part });
  const result = await service.mailTo(address, /result/);
  const { state, parts } = await status(secret);
  expect(state).toBe('completed');
  expect(parts).toContainEqual(
    expect.objectContaining({ by: disclosedAs, copy: 'ended', download: null }),
  );
  // A copy shows who its customer is, so this one is not ours to hand out, although there is one.
  const bundle = await service.database.collection('exports').findOne({ tenant: 't3' });
  expect(bundle?.['createdAt'].getTime()).toBeGreaterThan(world.now - day);
  await same({ secret, part: bundle?.['request'] });
  expect(parts).toContainEqual(
    expect.objectContaining({ by: null, copy: 'sent_by_customer', download: null }),
  );
  expect(result).toContain('A customer: done; the customer sends you');
  expect(early + result).not.toMatch(/\bt3\b|sells\.example/);
});

test('Access (15), A: the copy of an account opens for its person only, and that of a customer not for its staff', async () => {
  const address = `own.${randomUUID()}@example.org`;
  world.accounts.set('t1 p1', address);
  const completed = async (body: object, token: string) => {
    const asked = await world.request('POST', '/v1/requests', token, body);
    expect(asked.status).toBe(202);
    const { requests } = (await asked.json()) as { requests: { id: string }[] };
    const path = `/v1/requests/${requests[0]?.id ?? ''}`;
    return eventually(async () => {
      world.now += 1_000;
      const shown = (await (await world.request('GET', path, token)).json()) as {
        state: string;
        download: string;
      };
      expect(shown.state).toBe('completed');
      return shown.download;
    });
  };
  const statusOf = async (download: string, token: string) =>
    (await world.request('GET', download, token)).status;
  const own = await completed({ kind: 'access' }, sessionToken);
  const copy = await world.request('GET', own, sessionToken);
  const files = unzipSync(new Uint8Array(await copy.arrayBuffer()));
  expect(JSON.parse(strFromU8(files['export.json']!))).toMatchObject({ address, account: true });
  const byCustomer = await completed({ kind: 'access', addresses: [address] }, ownerToken);
  expect({
    own: [await statusOf(own, ownerToken), await statusOf(own, dpoToken)],
    byCustomer: [
      await statusOf(byCustomer, ownerToken),
      await statusOf(byCustomer, dpoToken),
      await statusOf(byCustomer, sessionToken),
      await statusOf(byCustomer, operatorToken),
    ],
  }).toEqual({ own: [404, 404], byCustomer: [200, 200, 404, 404] });
});
