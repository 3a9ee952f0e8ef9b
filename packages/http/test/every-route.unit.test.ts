import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { apis, isPublic, principalOf, type RouteDefinition } from '@mysmtp/api';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { hashToken, openApi } from '../src/index.ts';

const principals = [
  principalOf('owner', { role: 'owner', tenant: 't1' }),
  principalOf('operator', { role: 'operator', tenant: null }),
];

const nameOf = ({ method, path: at }: RouteDefinition) => `${method.toUpperCase()} ${at}`;

/** The authorized callers of each route of a service, and whether its answers may be cached. */
async function sentBy(service: ServiceName): Promise<Record<string, string>> {
  const routes = Object.entries(apis[service]);
  const api = await openApi({
    service,
    address: '127.0.0.1',
    port: 0,
    internalPort: 0,
    // Schemas of input and output are tested elsewhere.
    routes: routes.map(([name, { method, path: at, summary, access }]) => ({
      name,
      method,
      path: at,
      summary,
      access,
      replies: { 200: z.object({}) },
      handle: async () => ({ status: 200, body: {} }),
    })),
    tokens: (hash) => principals.find((principal) => hash === hashToken(principal?.id ?? '')),
    callers: {
      verify: async (token) => serviceNames.find((name) => name === token),
    },
    log: createLogger(service, 'error', { write: () => undefined }),
    metrics: new Registry(),
  });
  const sent: Record<string, string> = {};
  for (const [, route] of routes) {
    const port = isPublic(route) ? api.port : api.internalPort;
    const url = `http://127.0.0.1:${String(port)}${route.path.replaceAll(/\{\w+\}/g, 'x')}`;
    const admitted: string[] = [];
    const stored = new Set<string | null>();
    for (const token of ['nobody', 'owner', 'operator', ...serviceNames]) {
      const { status, headers } = await fetch(url, {
        method: route.method.toUpperCase(),
        headers: { authorization: `Bearer ${token}` },
      });
      stored.add(headers.get('cache-control'));
      if (status === 200) admitted.push(token);
      else {
        const refusal = isPublic(route) ? 404 : 403;
        expect(token === 'nobody' ? [401] : [401, refusal], nameOf(route)).toContain(status);
      }
    }
    const [kept, ...others] = stored;
    expect(others, nameOf(route)).toEqual([]);
    const who = admitted[0] === 'nobody' ? 'everybody' : admitted.join(', ');
    sent[nameOf(route)] = `${who}; ${kept ?? 'may be stored'}`;
  }
  await api.close();
  return sent;
}

test('every route of every service: who may call it, and whether its answers may be cached', async () => {
  const sent: Partial<Record<ServiceName, Record<string, string>>> = {};
  for (const service of serviceNames) sent[service] = await sentBy(service);
  const owner = 'owner; no-store';
  const operator = 'operator; no-store';
  const both = 'owner, operator; no-store';
  // They answer with secrets, or change something.
  const everybody = 'everybody; no-store';
  // Public keys.
  const keys = { 'GET /.well-known/jwks.json': 'everybody; may be stored' };
  expect(sent).toEqual({
    ingress: {
      ...keys,
      'GET /v1/usage': owner,
      'POST /internal/v1/spool/read': 'delivery; no-store',
      'POST /internal/v1/notices': 'identity, privacy; no-store',
    },
    delivery: {
      'GET /v1/suppressions': owner,
      'POST /v1/suppressions/search': owner,
      'DELETE /v1/suppressions/{id}': owner,
      ...keys,
      'GET /v1/domains/{id}/dkim': owner,
      'GET /v1/held': operator,
      'POST /v1/held/{id}': operator,
      'POST /internal/v1/undelivered': 'privacy; no-store',
    },
    logging: {
      'POST /v1/imports': owner,
      ...keys,
      'GET /v1/audit/entries': both,
      'GET /v1/findings': both,
      'GET /v1/messages': owner,
      'GET /v1/messages/export': owner,
      'GET /v1/messages/{id}': owner,
      'GET /v1/operator/messages/{id}': operator,
      'GET /v1/retention': owner,
      'GET /v1/statistics': owner,
      'POST /v1/messages/search': owner,
      'PUT /v1/retention': owner,
    },
    identity: {
      ...keys,
      'POST /internal/v1/accounts/close': 'privacy; no-store',
      'POST /internal/v1/accounts/correct': 'privacy; no-store',
      'POST /internal/v1/accounts/find': 'privacy; no-store',
      'POST /internal/v1/accounts/waiting-request': 'privacy; no-store',
      'POST /internal/v1/person-requests': 'privacy; no-store',
      'POST /v1/tenants': operator,
      'GET /v1/tenants/{id}': both,
      'PATCH /v1/tenants/{id}': operator,
      'GET /v1/suspensions': both,
      'POST /v1/suspensions': operator,
      'POST /v1/suspensions/{id}/appeal': owner,
      'POST /v1/suspensions/{id}/answer': operator,
      'GET /v1/domains': both,
      'POST /v1/domains': both,
      'POST /v1/domains/{id}/vouch': operator,
      'DELETE /v1/domains/{id}/vouch': operator,
      'PATCH /v1/domains/{id}': both,
      'DELETE /v1/domains/{id}': both,
      'GET /v1/domains/{id}/records': both,
      'POST /v1/domains/{id}/check': both,
      'GET /v1/credentials': both,
      'POST /v1/credentials': both,
      'PATCH /v1/credentials/{id}': owner,
      'POST /v1/credentials/{id}/rotate': owner,
      'DELETE /v1/credentials/{id}': both,
      'GET /v1/tokens': both,
      'POST /v1/tokens': both,
      'POST /v1/tokens/{id}/rotate': both,
      'DELETE /v1/tokens/{id}': both,
      'POST /internal/v1/dkim-keys': 'delivery; no-store',
      'POST /internal/v1/findings': 'logging; no-store',
      'POST /v1/accesses': operator,
      'DELETE /v1/accesses/{id}': operator,
      'GET /v1/access-log': owner,
      'POST /v1/sign-ups': everybody,
      'POST /v1/sign-ups/finish': everybody,
      'POST /v1/sign-ins': everybody,
      'POST /v1/sign-ins/finish': everybody,
      'POST /v1/password-resets': everybody,
      'POST /v1/password-resets/finish': everybody,
      'POST /v1/invitations/accept': everybody,
      'POST /v1/account/address/confirm': everybody,
      'POST /v1/account/address/undo': everybody,
      'POST /v1/lost-factors': everybody,
      'POST /v1/lost-factors/cancel': everybody,
      'GET /v1/account': both,
      'PATCH /v1/account': both,
      'DELETE /v1/account': both,
      'POST /v1/account/password': both,
      'POST /v1/account/address': both,
      'GET /v1/account/sessions': both,
      'DELETE /v1/account/sessions': both,
      'DELETE /v1/account/sessions/{id}': both,
      'POST /v1/account/step-ups': both,
      'POST /v1/account/step-ups/finish': both,
      'POST /v1/account/totp': both,
      'POST /v1/account/totp/finish': both,
      'DELETE /v1/account/totp': both,
      'POST /v1/account/passkeys': both,
      'POST /v1/account/passkeys/finish': both,
      'DELETE /v1/account/passkeys/{id}': both,
      'POST /v1/account/recovery-codes': both,
      'GET /v1/sign-in-provider': owner,
      'PUT /v1/sign-in-provider': owner,
      'DELETE /v1/sign-in-provider': owner,
      'POST /v1/sign-ins/provider': 'everybody; no-store',
      'POST /v1/sign-ins/provider/finish': 'everybody; no-store',
      'GET /v1/people': both,
      'PATCH /v1/people/{id}': both,
      'DELETE /v1/people/{id}': both,
      'POST /v1/ownership': owner,
      'GET /v1/invitations': both,
      'POST /v1/invitations': both,
      'DELETE /v1/invitations/{id}': both,
      'GET /v1/lost-factors': both,
      'POST /v1/lost-factors/{id}/approve': both,
      'DELETE /v1/lost-factors/{id}': both,
      'POST /v1/tenants/{id}/lost-factors/{request}/approve': operator,
      'POST /internal/v1/snapshot': 'ingress, delivery, logging, privacy; no-store',
      'POST /internal/v1/uses': 'ingress, delivery, logging, privacy; no-store',
      'POST /internal/v1/quota-reports': 'ingress; no-store',
      'POST /internal/v1/principal': 'ingress, delivery, logging, privacy; no-store',
    },
    privacy: {
      'GET /v1/requests/{id}/download': both,
      'GET /v1/unsubscribe/{token}': 'everybody; may be stored',
      'POST /v1/unsubscribe/{token}': everybody,
      'POST /internal/v1/orders/standing': 'ingress, delivery, logging, identity; no-store',
      // No personal data and no secret: the general registry.
      'GET /v1/registry': 'everybody; may be stored',
      ...keys,
      // What everybody may know of the operator and of what is processed.
      'GET /v1/notice': 'everybody; may be stored',
      'GET /v1/sub-processors': 'everybody; may be stored',
      'GET /v1/annexes': 'everybody; may be stored',
      'GET /v1/editions': 'everybody; may be stored',
      'GET /v1/keyring': operator,
      'POST /v1/keyring/epochs': operator,
      'GET /v1/audit/heads': operator,
      'POST /internal/v1/audit/heads': 'logging; no-store',
      'GET /v1/dead-letters': operator,
      'POST /v1/dead-letters/{id}': operator,
      'GET /v1/erasures': operator,
      'POST /v1/erasures': operator,
      'GET /v1/erasures/{id}': operator,
      'GET /v1/records': operator,
      'GET /v1/breaches': operator,
      'POST /v1/breaches': operator,
      'GET /v1/breaches/{id}': operator,
      'POST /v1/breaches/{id}/decisions': operator,
      'GET /v1/breaches/{id}/draft': operator,
      'POST /v1/requests': both,
      'GET /v1/requests': both,
      'GET /v1/requests/{id}': both,
      'DELETE /v1/requests/{id}': both,
      'POST /v1/requests/{id}/decisions': both,
      'POST /v1/requests/entered': operator,
      'GET /v1/request-policy': owner,
      'PUT /v1/request-policy': owner,
      'GET /v1/public/requests': 'everybody; may be stored',
      'POST /v1/public/requests': everybody,
      'GET /v1/public/requests/confirm': 'everybody; may be stored',
      'POST /v1/public/requests/confirm': everybody,
      'POST /v1/public/requests/status': everybody,
      'POST /v1/public/requests/withdraw': everybody,
      'POST /v1/public/requests/download': everybody,
      'GET /v1/opendsr/discovery': 'everybody; may be stored',
      'POST /v1/opendsr/requests': owner,
      'GET /v1/opendsr/requests/{id}': owner,
      'DELETE /v1/opendsr/requests/{id}': owner,
      'POST /v1/holds': operator,
      'GET /v1/holds': operator,
      'POST /v1/holds/{id}/release': operator,
      // The own consents of a person.
      'GET /v1/consents': both,
      'PUT /v1/consents/{purpose}': both,
      'DELETE /v1/consents/{purpose}': both,
      'POST /internal/v1/announcement': 'identity; no-store',
      'POST /internal/v1/keys': 'ingress, delivery, logging, identity; no-store',
      'POST /internal/v1/key-days': 'ingress, delivery, logging; no-store',
      'POST /internal/v1/tenants': 'identity; no-store',
      'POST /internal/v1/fences': 'ingress, delivery, logging, identity; no-store',
      'POST /internal/v1/erasures/standing': 'ingress, delivery, logging, identity; no-store',
    },
  });
}, 30_000);

test('no code of a service contains a path of an API', async () => {
  const services = path.resolve(import.meta.dirname, '../../../services');
  const texts: string[] = [];
  for (const service of serviceNames) {
    const src = path.join(services, service, 'src');
    const files = await readdir(src, { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      texts.push(await readFile(path.join(src, file), 'utf8'));
    }
  }
  expect(texts.length).toBeGreaterThan(100);
  const written = texts.flatMap((text) => text.match(/'\/(internal\/)?v\d\/[^']*'/g) ?? []);
  expect(written).toEqual([]);
});
