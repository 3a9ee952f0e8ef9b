import { apis, isPublic, ruleOf, scopes, type Access, type RouteDefinition } from '@mysmtp/api';
import { serviceNames } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { beforeAll, describe, expect, test } from 'vitest';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStack } from '../kit/common-stack.ts';
import { newCustomer, type Customer } from '../kit/customers.ts';
import { testMessage } from '../kit/load.ts';

/** The customer whose data nobody else may see. */
const { description } = commonStack();

type Guarded = RouteDefinition & { readonly access: Extract<Access, { permission: string }> };

const routes = serviceNames.flatMap((service) =>
  Object.entries<RouteDefinition>(apis[service])
    .filter(([, route]) => isPublic(route) && 'permission' in route.access)
    .map(([name, route]) => ({ name, service, route: route as Guarded })),
);

/** Another customer, who tries. */
let other: Customer;
/** Ids of the first customer, by the collection in the path. */
let ids: Readonly<Record<string, string>>;
/** A key of the other customer for each scope. */
const keys = new Map<string, string>();

const list = async (what: string, token = description().tenant.ownerToken) =>
  (
    (await call(`${description().api.identity}/v1/${what}`, token)).body as Record<
      string,
      unknown[]
    >
  )[what] as { id: string }[];

const idIn = async (what: string) => {
  const [first] = await list(what);
  if (first === undefined) throw new Error(`There are no ${what}`);
  return first.id;
};

/** Returns the id of the new thing. */
async function make(what: string, token: string, body: object): Promise<string> {
  const made = await call(`${description().api.identity}/v1/${what}`, token, { body });
  expect([what, made.status]).toEqual([what, 201]);
  return (made.body as { id: string }).id;
}

/** Things of people: services/identity/test/account-routes.test.ts tries these with accounts. */
const ofPeople = ['account', 'people', 'lost-factors'];

beforeAll(async () => {
  other = await newCustomer(description(), {
    name: 'Curious',
    domain: `x-${description().tenant.domain}`,
    owner: `o@x-${description().tenant.domain}`,
  });
  const session = await openSession(description());
  const to = ['reader@example.net'];
  const { message } = testMessage(description().credential.from, to, 500);
  await session.submit(description().credential.from, to, message);
  session.quit();
  const messages = await eventually(async () => {
    const [row] = await usageLog(description());
    if (row === undefined) throw new Error('The message is not in the usage log yet');
    return row.id;
  });
  const invited = await make('invitations', description().tenant.ownerToken, {
    address: 'invited@example.net',
    role: 'reader',
  });
  const stopped = await make('credentials', description().tenant.ownerToken, {});
  const suspension = await make('suspensions', description().operator.token, {
    tenant: description().tenant.id,
    credential: stopped,
    status: 'suspended',
    reason: 'A test',
  });
  const removed = `${description().api.identity}/v1/credentials/${stopped}`;
  await call(removed, description().tenant.ownerToken, { method: 'DELETE' });
  const { privacy } = description().api;
  const group = '0f8fad5b-d9cb-469f-a165-70867728950f';
  const dsr = await call(`${privacy}/v1/opendsr/requests`, description().tenant.ownerToken, {
    body: {
      subject_request_id: group,
      subject_request_type: 'access',
      submitted_time: '2026-11-30T12:00:00Z',
      subject_identities: [
        { identity_type: 'email', identity_value: 'reader@example.net', identity_format: 'raw' },
      ],
    },
  });
  expect(dsr.status).toBe(201);
  const requests = await call(`${privacy}/v1/requests`, description().tenant.ownerToken);
  const [request] = (requests.body as { requests: { id: string }[] }).requests;
  const objector = 'objector@example.net';
  await call(`${privacy}/v1/requests`, description().tenant.ownerToken, {
    body: { kind: 'objection', addresses: [objector] },
  });
  const suppressed = await eventually(async () => {
    const search = `${description().api.delivery}/v1/suppressions/search`;
    const { body } = await call(search, description().tenant.ownerToken, {
      body: { address: objector },
    });
    const [found] = (body as { suppressions: { id: string }[] }).suppressions;
    if (found === undefined) throw new Error('Not suppressed yet');
    return found.id;
  });
  ids = {
    suppressions: suppressed,
    opendsr: group,
    requests: request?.id ?? '',
    invitations: invited,
    suspensions: suspension,
    tenants: description().tenant.id,
    domains: await idIn('domains'),
    credentials: await idIn('credentials'),
    tokens: await idIn('tokens'),
    messages,
  };
  for (const scope of scopes.filter((one) => ruleOf(one).roles.includes('owner'))) {
    const made = await call(`${description().api.identity}/v1/tokens`, other.ownerToken, {
      body: { scopes: [scope] },
    });
    expect([scope, made.status]).toEqual([scope, 201]);
    keys.set(scope, (made.body as { token: string }).token);
  }
  // The other services get the keys a moment later.
  await eventually(async () => {
    const { logging, delivery, privacy } = description().api;
    for (const [scope, token] of keys) {
      for (const url of [
        `${logging}/v1/messages`,
        `${delivery}/v1/held`,
        `${privacy}/v1/erasures`,
      ]) {
        expect([scope, url, (await call(url, token)).status]).not.toContain(401);
      }
    }
  });
});

interface Asked {
  readonly id?: string;
  readonly query?: string;
  readonly body?: unknown;
}

function ask(
  { service, route }: (typeof routes)[number],
  token: string,
  { id = 'x', query = '', body = route.examples?.body }: Asked = {},
): Promise<{ status: number; body: unknown }> {
  const url = description().api[service] + route.path.replace('{id}', id) + query;
  return call(url, token, {
    method: route.method.toUpperCase(),
    ...(route.body === undefined ? {} : { body }),
  });
}

const absent = {
  status: 404,
  body: { type: 'urn:mysmtp:problem:not-found', title: 'Not found', status: 404 },
};

const ofTenants = routes.filter(({ route }) =>
  ruleOf(route.access.permission).roles.includes('owner'),
);

/** The fields of a body that may name something of another tenant. */
const foreignFields = ({ body }: Guarded): string[] =>
  Object.keys((body as { shape?: object } | undefined)?.shape ?? {}).filter(
    (field) => field === 'tenant' || field === 'domain',
  );
const collectionOf = ({ path }: Guarded): string => path.split('/')[2] ?? '';
const hasId = (route: Guarded): boolean =>
  route.path.includes('{id}') && !ofPeople.includes(collectionOf(route));
const namesTenant = ({ query }: Guarded): boolean => query?.shape['tenant'] !== undefined;

/** Routes that can be asked for something of another tenant. */
const crossing = ofTenants.filter(
  ({ route }) => hasId(route) || namesTenant(route) || foreignFields(route).length > 0,
);

describe.each(routes)('$service $name', (one) => {
  const { route } = one;
  const { permission } = route.access;

  test('nothing without a valid token', async () => {
    expect((await ask(one, 'nobody')).status).toBe(401);
    expect((await ask(one, 'mysmtp_session_nobody')).status).toBe(401);
  });

  test('nothing with a key of any other scope', async () => {
    for (const [scope, token] of keys) {
      if (scope === permission) continue;
      expect([scope, await ask(one, token)]).toEqual([scope, absent]);
    }
  });

  const token = () => keys.get(permission) ?? '';
  if (ruleOf(permission).scope && ofTenants.includes(one)) {
    test('a key with its scope is not refused', async () => {
      const { status } = await ask(one, token(), { id: 'no-such-id' });
      expect([401, 403]).not.toContain(status);
      expect(status === 404).toBe(route.path.includes('{id}'));
    });
  }
});

describe.each(crossing)('$service $name, of another tenant', (one) => {
  const { route } = one;

  const collection = collectionOf(route);
  if (hasId(route)) {
    test('its id is answered like an unknown one', async () => {
      const id = ids[collection];
      if (id === undefined) expect.fail(`This test has no id of ${collection}`);
      expect(await ask(one, other.ownerToken, { id })).toEqual(absent);
      expect(await ask(one, other.ownerToken, { id: 'no-such-id' })).toEqual(absent);
    });
  }

  if (namesTenant(route)) {
    test('named in the query', async () => {
      const query = `?tenant=${description().tenant.id}`;
      expect(await ask(one, other.ownerToken, { query })).toEqual(absent);
    });
  }

  for (const field of foreignFields(route)) {
    test(`named in the body as ${field}`, async () => {
      const example = route.examples?.body as object;
      const body = { ...example, [field]: ids[`${field}s`] };
      expect(await ask(one, other.ownerToken, { body })).toEqual(absent);
    });
  }
});

test('nothing of the customer has changed', async () => {
  expect(await idIn('domains')).toBe(ids['domains']);
  expect(await idIn('credentials')).toBe(ids['credentials']);
  expect(await list('tokens')).toHaveLength(1);
});
