import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  internalApis,
  publishedKeysPath,
  serviceNames,
  spoolReadPath,
  type ServiceName,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { hashToken, openApi, type Route } from '../src/index.ts';

const services = path.resolve(import.meta.dirname, '../../../services');

/** Stands for whatever a route is made with: nothing of it is used before somebody calls. */
const anything: unknown = new Proxy(() => undefined, {
  // Not a promise: an await of it would never end.
  get: (_, name) => (name === 'then' ? undefined : anything),
});

const isRoute = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'access' in value && 'handle' in value;

/** The routes that the files of `src/api` of a service make. */
async function routesOf(service: ServiceName): Promise<Route[]> {
  const dir = path.join(services, service, 'src', 'api');
  const found: Route[] = [];
  for (const file of await readdir(dir)) {
    const exported = (await import(path.join(dir, file))) as Readonly<Record<string, unknown>>;
    for (const make of Object.values(exported)) {
      if (typeof make !== 'function') continue;
      const made: unknown = await attempt(() =>
        (make as (...means: unknown[]) => unknown)(anything, anything),
      );
      if (isRoute(made)) found.push(made);
    }
  }
  return found;
}

/** What is no route may refuse to be called like this. */
async function attempt(make: () => unknown): Promise<unknown> {
  try {
    return await make();
  } catch {
    return undefined;
  }
}

const routes = new Map<ServiceName, readonly Route[]>();
for (const service of serviceNames) routes.set(service, await routesOf(service));

const nameOf = ({ method, path: at }: Route) => `${method.toUpperCase()} ${at}`;
const whoMay = ({ access }: Route): string => {
  if ('public' in access) return 'everybody';
  return 'services' in access ? access.services.join(', ') : access.roles.join(', ');
};

/** Whether answers may be stored: of somebody who may call, and of somebody who may not. */
async function sentBy(service: ServiceName): Promise<Record<string, string>> {
  const all = routes.get(service) ?? [];
  const api = await openApi({
    service,
    address: '127.0.0.1',
    port: 0,
    internalPort: 0,
    // The answer alone is another one: how it is sent is what a caller gets.
    routes: all.map(({ method, path: at, summary, access, replies }) => ({
      method,
      path: at,
      summary,
      access,
      replies,
      handle: async () => ({ body: {} }),
    })),
    tokens: (hash) => {
      if (hash === hashToken('owner')) return { role: 'owner', tenant: 't1', token: 'o1' };
      return hash === hashToken('operator') ? { role: 'operator', token: 'p1' } : undefined;
    },
    callers: {
      verify: async (token) => serviceNames.find((name) => name === token),
    },
    log: createLogger(service, 'error', { write: () => undefined }),
    metrics: new Registry(),
  });
  const sent: Record<string, string> = {};
  for (const route of all) {
    const port = 'services' in route.access ? api.internalPort : api.port;
    const url = `http://127.0.0.1:${String(port)}${route.path.replaceAll(/\{\w+\}/g, 'x')}`;
    const ask = (token: string) =>
      fetch(url, {
        method: route.method.toUpperCase(),
        headers: { authorization: `Bearer ${token}` },
      });
    const given = await ask(whoMay(route).split(', ')[0] ?? '');
    const refused = await ask('nobody');
    expect(given.status, nameOf(route)).toBe(200);
    expect(refused.status, nameOf(route)).toBe('public' in route.access ? 200 : 401);
    const [kept, ...others] = new Set(
      [given, refused].map(({ headers }) => headers.get('cache-control')),
    );
    expect(others, nameOf(route)).toEqual([]);
    sent[nameOf(route)] = `${whoMay(route)}; ${kept ?? 'may be stored'}`;
  }
  await api.close();
  return sent;
}

test('every route of every service: who may call it, and whether its answers may be stored', async () => {
  const sent: Partial<Record<ServiceName, Record<string, string>>> = {};
  for (const service of serviceNames) sent[service] = await sentBy(service);
  const owner = 'owner; no-store';
  const operator = 'operator; no-store';
  const both = 'owner, operator; no-store';
  // Public keys.
  const keys = { 'GET /.well-known/jwks.json': 'everybody; may be stored' };
  expect(sent).toEqual({
    ingress: { ...keys, 'POST /internal/v1/spool/read': 'delivery; no-store' },
    delivery: {
      ...keys,
      'GET /v1/domains/{id}/dkim': owner,
      'GET /v1/held': operator,
      'POST /v1/held/{id}': operator,
      'POST /internal/v1/undelivered': 'privacy; no-store',
    },
    logging: {
      ...keys,
      'GET /v1/messages': owner,
      'GET /v1/messages/{id}': owner,
      'POST /v1/messages/search': owner,
    },
    identity: {
      ...keys,
      'POST /v1/tenants': operator,
      'GET /v1/tenants/{id}': both,
      'GET /v1/domains': both,
      'POST /v1/domains': operator,
      'PATCH /v1/domains/{id}': both,
      'DELETE /v1/domains/{id}': both,
      'GET /v1/credentials': both,
      'POST /v1/credentials': both,
      'DELETE /v1/credentials/{id}': both,
      'GET /v1/tokens': both,
      'POST /v1/tokens': both,
      'DELETE /v1/tokens/{id}': both,
      'POST /internal/v1/snapshot': 'ingress, delivery, logging, privacy; no-store',
    },
    privacy: {
      // Nothing personal and no secret: what is held in general.
      'GET /v1/registry': 'everybody; may be stored',
      ...keys,
      'GET /v1/keyring': operator,
      'POST /v1/keyring/epochs': operator,
      'GET /v1/dead-letters': operator,
      'POST /v1/dead-letters/{id}': operator,
      'GET /v1/erasures': operator,
      'POST /v1/erasures': operator,
      'GET /v1/erasures/{id}': operator,
      'POST /internal/v1/keys': 'ingress, delivery, logging, identity; no-store',
      'POST /internal/v1/key-days': 'ingress, delivery, logging; no-store',
      'POST /internal/v1/tenants': 'identity; no-store',
      'POST /internal/v1/fences': 'ingress, delivery, logging, identity; no-store',
      'POST /internal/v1/erasures/standing': 'ingress, delivery, logging, identity; no-store',
    },
  });
});

test('no route is made anywhere else', async () => {
  const known = new Set([...routes.values()].flat().map(({ path: at }) => at));
  const texts: string[] = [];
  for (const service of serviceNames) {
    const src = path.join(services, service, 'src');
    const files = await readdir(src, { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      texts.push(await readFile(path.join(src, file), 'utf8'));
    }
  }
  const written = texts.flatMap((text) =>
    [...text.matchAll(/\bpath(?:: | = )'(\/[^']+)'/g)].map(([, at]) => at),
  );
  expect(written.length).toBeGreaterThan(15);
  const internal = Object.values(internalApis).map(({ path: at }) => at);
  expect(known).toEqual(new Set([...written, ...internal, spoolReadPath, publishedKeysPath]));
});
