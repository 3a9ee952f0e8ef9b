import { expect, test } from 'vitest';
import { keyPurposes, mayHaveKey, mayKnow, serviceNames } from '../src/index.ts';

const day = '2026-11-24';
const idOf = {
  account: 'account',
  index: 'index',
  mail: `mail:${day}`,
  events: `events:${day}`,
  client: `client:${day}`,
  security: 'security:2026-11-01',
  audit: 'audit:2026-11-01',
};

test('a service gets the keys that its work needs, and no others', () => {
  const given = serviceNames.map((name) => [
    name,
    keyPurposes.filter((purpose) => mayHaveKey(name, idOf[purpose])),
  ]);
  expect(Object.fromEntries(given)).toEqual({
    ingress: ['account', 'index', 'mail', 'events', 'client', 'security'],
    delivery: ['account', 'index', 'mail', 'events', 'client', 'security'],
    logging: ['index', 'events', 'client', 'security', 'audit'],
    identity: ['account', 'index', 'client', 'security'],
    privacy: [],
  });
});

test('only ingress receives credentials, and only ingress and delivery receive domains', () => {
  const knows = (entity: 'credential' | 'domain' | 'token') =>
    serviceNames.filter((name) => mayKnow(name, entity));
  expect(knows('credential')).toEqual(['ingress']);
  expect(knows('domain')).toEqual(['ingress', 'delivery']);
  expect(knows('token')).toEqual(['ingress', 'delivery', 'logging', 'privacy']);
});
