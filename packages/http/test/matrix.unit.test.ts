import {
  apis,
  isPublic,
  permissionsOf,
  principalOf,
  ruleOf,
  scopes,
  type Access,
  type AccountPrincipal,
  type RouteDefinition,
} from '@mysmtp/api';
import { operatorRoles, roles, serviceNames, type Role } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hashToken, openApi, type Api } from '../src/index.ts';

// Every public route of every service, as it is defined, with every kind of caller and every kind of wrong
// body. The routes are real, their handlers are not: a test of the whole is e2e/26-access.

type Guarded = RouteDefinition & { readonly access: Extract<Access, { permission: string }> };

const routes = serviceNames.flatMap((service) =>
  Object.entries<RouteDefinition>(apis[service])
    .filter(([, route]) => isPublic(route) && 'permission' in route.access)
    .map(([name, route]) => ({ name, service, route: route as Guarded })),
);

const now = 1_795_000_000_000;
const isOperator = (role: Role) => (operatorRoles as readonly Role[]).includes(role);

/** The tokens of this test, each with its principal. */
const principals = new Map<string, AccountPrincipal>();
for (const role of roles) {
  for (const [factor, factorAt] of [
    ['fresh', now - 1],
    ['stale', now - 5 * 60_000],
    ['no', null],
  ] as const) {
    principals.set(`${role}-${factor}`, {
      kind: 'person',
      id: role,
      session: 's1',
      tenant: isOperator(role) ? null : 't1',
      role,
      permissions: permissionsOf(role),
      factorAt,
    });
  }
}
/** A bearer token has no colon. */
const tokenOf = (tenant: string | null, scope: string) =>
  `key-${tenant ?? 'operators'}-${scope.replace(':', '.')}`;
for (const tenant of ['t1', null]) {
  for (const scope of scopes) {
    const id = tokenOf(tenant, scope);
    const key = principalOf(id, { role: 'restricted', tenant, scopes: [scope] });
    if (key !== undefined) principals.set(id, key);
  }
}
const byHash = new Map([...principals].map(([token, principal]) => [hashToken(token), principal]));

/** Every route is called by every role within a moment. */
const unlimited = {
  usual: 1e6,
  costly: 1e6,
  export: 1e6,
  account: 1e6,
  'sign-in': 1e6,
  unauthenticated: 1e6,
};
let handled: string[] = [];
const opened = new AsyncDisposableStack();
const servers = new Map<string, Api>();

beforeAll(async () => {
  for (const service of serviceNames) {
    const api = await openApi({
      service,
      address: '127.0.0.1',
      port: 0,
      internalPort: 0,
      routes: routes
        .filter((one) => one.service === service)
        .map(({ name, route }) => ({
          ...route,
          name,
          replies: { 299: z.object({}) },
          handle: async () => {
            handled.push(name);
            return { status: 299, body: {} };
          },
        })),
      tokens: (hash) => byHash.get(hash),
      callers: { verify: async () => undefined },
      rateLimits: unlimited,
      clock: { now: () => now },
      log: createLogger(service, 'error', { write: () => undefined }),
      metrics: new Registry(),
    });
    servers.set(
      service,
      opened.adopt(api, (open) => open.close()),
    );
  }
});
afterAll(() => opened.disposeAsync());

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Whether the handler was reached. */
  readonly isHandled: boolean;
}

/** A value for a parameter of the path that its schema accepts. */
function parameter(route: RouteDefinition, name: string): string {
  const schema = route.params?.shape[name] as z.ZodType | undefined;
  const found = ['x', 'A'.repeat(43), 'product-news', '0f8fad5b-d9cb-469f-a165-70867728950e'].find(
    (value) => schema?.safeParse(value).success,
  );
  if (found === undefined) throw new Error(`No value for {${name}} of ${route.path}`);
  return found;
}

async function ask(
  { service, route }: (typeof routes)[number],
  token: string | undefined,
  body: string | undefined = route.body === undefined
    ? undefined
    : JSON.stringify(route.examples?.body),
  query = '',
): Promise<Answer> {
  handled = [];
  const port = String(servers.get(service)?.port);
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => parameter(route, name));
  const response = await fetch(`http://127.0.0.1:${port}${path}${query}`, {
    method: route.method.toUpperCase(),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text(), isHandled: handled.length > 0 };
}

const passed = { status: 299, text: '{}', isHandled: true };
const absent = {
  status: 404,
  text: JSON.stringify({ type: 'urn:mysmtp:problem:not-found', title: 'Not found', status: 404 }),
  isHandled: false,
};

/** A token that passes. */
function tokenFor({ access }: Guarded): string {
  const role = ruleOf(access.permission).roles.find(
    (one) => access.ofTenant !== true || !isOperator(one),
  );
  return `${String(role)}-fresh`;
}

describe.each(routes)('$service $name', (one) => {
  const { route } = one;
  const { access } = route;
  const rule = ruleOf(access.permission);

  test('nobody passes without a valid token', async () => {
    for (const token of [undefined, 'unknown', 'mysmtp_session_unknown']) {
      const { status, isHandled } = await ask(one, token);
      expect([token, status, isHandled]).toEqual([token, 401, false]);
    }
  });

  test('only the roles of the access table pass, and where it says so with a fresh factor only', async () => {
    for (const role of roles) {
      const may = rule.roles.includes(role) && !(access.ofTenant === true && isOperator(role));
      for (const factor of ['fresh', 'stale', 'no']) {
        const answer = await ask(one, `${role}-${factor}`);
        const asked = `${role}-${factor}`;
        if (may && rule.fresh === true && factor !== 'fresh') {
          expect([asked, answer.status, answer.isHandled]).toEqual([asked, 403, false]);
          expect(answer.text).toContain('urn:mysmtp:problem:fresh-factor-required');
        } else expect([asked, answer]).toEqual([asked, may ? passed : absent]);
      }
    }
  });

  test('only the key with its scope passes', async () => {
    for (const [token, { kind, tenant }] of principals) {
      if (kind !== 'token') continue;
      const isIts = rule.scope && token === tokenOf(tenant, access.permission);
      const isOfRealm = rule.roles.includes(tenant === null ? 'operator' : 'owner');
      const may = isIts && isOfRealm && !(access.ofTenant === true && tenant === null);
      expect([token, await ask(one, token)]).toEqual([token, may ? passed : absent]);
    }
  });

  const example = route.examples?.body as Readonly<Record<string, unknown>> | undefined;
  if (route.body !== undefined)
    test('a body with anything else is refused', async () => {
      const token = tokenFor(route);
      expect(await ask(one, token)).toEqual(passed);
      const fields = Object.keys((route.body as z.ZodObject).shape);
      const wrong = [
        ...fields.flatMap((field) =>
          [{ $gt: '' }, { $ne: null }, ['a', { $regex: '' }]].map((value) =>
            JSON.stringify({ ...example, [field]: value }),
          ),
        ),
        // Mass assignment.
        ...['_id', 'version', 'permissions', 'constructor', 'hash', 'isAdmin'].map((field) =>
          JSON.stringify({ ...example, [field]: 'x' }),
        ),
        JSON.stringify(example).replace(/\}$/, ',"__proto__":{"tenant":"t2"}}'),
        '{"__proto__":{"tenant":"t2"}}',
        JSON.stringify([example]),
        '"text"',
        'null',
      ];
      for (const body of wrong) {
        const { status, isHandled } = await ask(one, token, body);
        expect([body, status, isHandled]).toEqual([body, 400, false]);
      }
    });

  if (route.query !== undefined)
    test('a query with anything else is refused', async () => {
      const fields = Object.keys(route.query?.shape ?? {});
      const wrong = [
        'isAdmin=1',
        '__proto__=x',
        ...fields.flatMap((f) => [`${f}[$ne]=x`, `${f}.$gt=x`]),
      ];
      for (const query of wrong) {
        const { status, isHandled } = await ask(one, tokenFor(route), undefined, `?${query}`);
        expect([query, status, isHandled]).toEqual([query, 400, false]);
      }
    });
});

test('every public route has a rule, or is for everybody', () => {
  const open = serviceNames.flatMap((service) =>
    Object.entries<RouteDefinition>(apis[service])
      .filter(([, { access }]) => 'public' in access)
      .map(([name]) => name),
  );
  expect([...new Set(open)].sort()).toEqual([
    // Before there is a session: a password, or the secret of a link or a challenge, decides.
    'acceptInvitation',
    'beginProviderSignIn',
    'cancelLostFactor',
    'confirmAddress',
    'confirmRequest',
    'discoverOpenDsr',
    // By a secret of 256 bits, too.
    'downloadCopy',
    'finishProviderSignIn',
    'finishReset',
    'finishSignIn',
    'finishSignUp',
    'listEditions',
    'requestLostFactor',
    // A person without an account: the code of a mail, or a secret of 256 bits, decides.
    'requestPublicly',
    'requestReset',
    // Public keys, the general registry of data, and the documents about the operator and what it
    // processes: neither personal data of customers nor a secret.
    'showAnnexes',
    'showConfirmation',
    'showKeys',
    'showNotice',
    'showRegistry',
    'showRequestForm',
    'showRequestStatus',
    'showSubProcessors',
    'showUnsubscribe',
    'signIn',
    'signUp',
    'undoAddress',
    'unsubscribe',
    'withdrawRequest',
  ]);
  expect(routes.length).toBeGreaterThan(20);
});
