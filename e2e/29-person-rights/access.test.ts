import { decodeJwt } from 'jose';
import { strFromU8, unzipSync } from 'fflate';
import { eventually } from '@mysmtp/test-kit';
import { expect, test } from 'vitest';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStack } from '../kit/common-stack.ts';
import { newCustomer } from '../kit/customers.ts';
import { testMessage } from '../kit/load.ts';

const { description, demo } = commonStack();
const reader = 'access.reader@example.net';

interface Shown {
  readonly state: string;
  readonly receipts: readonly { readonly store: string; readonly jws: string }[];
  readonly download: string | null;
}

async function completed(kind: string, address: string, token = description().tenant.ownerToken) {
  const url = `${description().api.privacy}/v1/requests`;
  const asked = await call(url, token, { body: { kind, addresses: [address] } });
  expect(asked.status).toBe(202);
  const [request] = (asked.body as { requests: { id: string; nonce: string }[] }).requests;
  return eventually(
    async () => {
      const { body } = await call(`${url}/${request?.id ?? ''}`, token);
      expect((body as Shown).state).toBe('completed');
      return { id: request?.id ?? '', ...(body as Shown) };
    },
    { timeout: 30_000 },
  );
}

async function download(path: string, token: string) {
  const response = await fetch(`${description().api.privacy}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, octets: new Uint8Array(await response.arrayBuffer()) };
}

async function exported(address: string, token = description().tenant.ownerToken) {
  const request = await completed('access', address, token);
  const { status, octets } = await download(request.download ?? '', token);
  expect(status).toBe(200);
  const files = unzipSync(octets);
  return { request, json: JSON.parse(strFromU8(files['export.json']!)) as { data: Data } };
}
type Data = Readonly<Record<string, { id: string; acceptedAt: string }[]>>;

test('access is complete with a receipt of each store, and equal after an import into a test tenant', async () => {
  const session = await openSession(description());
  for (let n = 0; n < 3; n += 1) {
    const { from } = description().credential;
    const { message } = testMessage(from, [reader], 500);
    expect((await session.submit(from, [reader], message)).code).toBe(250);
  }
  session.quit();
  await eventually(async () =>
    expect(await usageLog(description(), { recipient: reader, status: 'delivered' })).toHaveLength(
      3,
    ),
  );
  const { request, json } = await exported(reader);
  expect(request.receipts.map(({ store }) => store).sort()).toEqual([
    'delivery.deferred',
    'delivery.suppressions',
    'identity.challenges',
    'identity.credentials',
    'identity.notices',
    'identity.people',
    'identity.sessions',
    'identity.tokens',
    'logging.auditEntries',
    'logging.messages',
    'logging.restrictions',
    'privacy.consents',
    'privacy.orders',
  ]);
  for (const { jws } of request.receipts)
    expect(decodeJwt(jws)).toMatchObject({ order: request.id });
  expect(json.data['logging.messages']).toHaveLength(3);
  // Another tenant gets neither the request nor the data.
  const foreign = await download(request.download ?? '', demo().tenant.ownerToken);
  expect(foreign.status).toBe(404);

  const other = await newCustomer(description(), {
    name: 'A test tenant',
    domain: 'imports.example',
    owner: 'o@imports.example',
  });
  await eventually(async () => {
    const known = await call(`${description().api.logging}/v1/statistics`, other.ownerToken);
    expect(known.status).toBe(200);
  });
  const url = `${description().api.logging}/v1/imports`;
  // A new customer has a key only after a moment.
  await eventually(async () =>
    expect(await call(url, other.ownerToken, { body: json })).toEqual({
      status: 200,
      body: { imported: 3, expired: 0 },
    }),
  );
  const again = await exported(reader, other.ownerToken);
  const rows = (data: Data) =>
    data['logging.messages']
      ?.map(({ id: _ours, ...row }) => row)
      .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  expect(rows(again.json.data)).toEqual(rows(json.data));
});

test('objection and restriction by request: mail fails, and the rows are shown without details', async () => {
  const address = 'objects@example.net';
  const submit = async () => {
    const session = await openSession(description());
    const { from } = description().credential;
    const { message } = testMessage(from, [address], 500);
    expect((await session.submit(from, [address], message)).code).toBe(250);
    session.quit();
  };
  await submit();
  await eventually(async () =>
    expect(await usageLog(description(), { recipient: address, status: 'delivered' })).toHaveLength(
      1,
    ),
  );
  await completed('objection', address);
  await submit();
  const newest = async () => (await usageLog(description(), { recipient: address }))[0];
  await eventually(async () =>
    expect(await newest()).toMatchObject({
      status: 'bounced',
      attempts: [{ reply: expect.stringMatching(/^550 5\.7\.1 .*objected/) as string }],
    }),
  );
  await completed('restriction', address);
  expect(await newest()).toMatchObject({ recipient: '', attempts: [], restricted: true });
});
