import { registry } from '@mysmtp/contracts';
import { eventually, startPeer, type Peer } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { askErasure, erasureReaches } from '../kit/erasures.ts';
import { testMessage } from '../kit/load.ts';
import { scenarioStack, shortTimes } from '../kit/stack.ts';
import { compare } from './compare.ts';
import { takeInventory } from './inventory.ts';

let peer: Peer;
const { description } = scenarioStack(async () => {
  peer = await startPeer({
    onRcpt: (to) => {
      if (to.startsWith('later')) return { code: 451, text: '4.7.1 Not now' };
      return to.startsWith('never') ? { code: 550, text: '5.1.1 Nobody' } : 'accept';
    },
  });
  return {
    smarthost: `127.0.0.1:${String(peer.port)}`,
    network: '127.0.0.1/32',
    env: shortTimes(),
  };
});
afterAll(() => peer.close());

/** All actions of a customer in an ordinary week. */
beforeAll(async () => {
  const { api, credential, operator, tenant } = description();
  const owner = tenant.ownerToken;
  const vouch = { reason: 'A customer of the tests', withoutDns: true };
  const names = { name: 'Another customer', domain: 'another.example', owner: 'o@another.example' };
  const other = { ...names, vouch };
  const { body: registered } = await call(`${api.identity}/v1/tenants`, operator.token, {
    body: other,
  });
  // A customer that leaves is erased.
  const gone = await askErasure(
    description(),
    (registered as { tenant: { id: string } }).tenant.id,
  );
  const { body } = await call(`${api.identity}/v1/domains`, owner);
  for (const { id } of (body as { domains: { id: string }[] }).domains) {
    const signing = { method: 'PATCH', body: { signing: 'ours' } };
    await call(`${api.identity}/v1/domains/${id}`, owner, signing);
    await call(`${api.delivery}/v1/domains/${id}/dkim`, owner);
  }
  await call(`${api.identity}/v1/credentials`, owner, { body: { label: 'Printer' } });
  const old = await call(`${api.identity}/v1/credentials`, owner, { body: { label: 'Old one' } });
  const { id } = old.body as { id: string };
  const suspension = { tenant: tenant.id, credential: id, status: 'suspended', reason: 'A test' };
  await call(`${api.identity}/v1/suspensions`, operator.token, { body: suspension });
  await call(`${api.identity}/v1/credentials/${id}`, owner, { method: 'DELETE' });

  const chosen = { method: 'PUT', body: { usageLogDays: 7 } };
  expect((await call(`${api.logging}/v1/retention`, owner, chosen)).status).toBe(200);
  // Refused, and a finding: there is no open access.
  await call(`${api.identity}/v1/credentials?tenant=${tenant.id}`, operator.token);
  const session = await openSession(description());
  for (const [to, size] of [
    ['reader', 2_000],
    ['never', 2_000],
    ['later', 2_000],
    ['later-and-large', 300_000],
  ] as const) {
    const recipients = [`${to}@example.net`];
    const { message } = testMessage(credential.from, recipients, size);
    expect((await session.submit(credential.from, recipients, message)).code).toBe(250);
  }
  const foreign = testMessage('x@elsewhere.example', ['reader@example.net'], 100);
  await session.submit('x@elsewhere.example', ['reader@example.net'], foreign.message);
  session.quit();
  await eventually(async () => {
    const statuses = (await usageLog(description())).map(({ status }) => status).toSorted();
    expect(statuses).toEqual(['bounced', 'deferred', 'deferred', 'delivered']);
  });
  await eventually(async () => {
    const found = await call(`${api.logging}/v1/findings`, owner);
    expect((found.body as { findings: unknown[] }).findings).toHaveLength(1);
  });
  await erasureReaches(description(), gone, 'completed_live');
}, 120_000);

test('Only essential data (Art 5): everything found is registered, and everything registered is found', async () => {
  // Some fields are written by jobs.
  await eventually(async () =>
    expect(compare(registry, await takeInventory(description()))).toEqual({
      unregistered: [],
      missing: [],
    }),
  );
});

test('Automatic deletion (Art 5): each store with a limit shows its limit and its age, which is less', async () => {
  for (const { id, service, limit } of registry.collections) {
    if (limit === null) continue;
    const text = await (await fetch(`${description().operations[service]}/metrics`)).text();
    const gauge = (name: string) =>
      Number(new RegExp(`^${name}\\{.*store="${id}".*\\} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(gauge('mysmtp_retention_limit_seconds'), id).toBe(limit / 1_000);
    expect(gauge('mysmtp_oldest_personal_record_age_seconds'), id).toBeLessThan(limit / 1_000);
  }
});

test('any unregistered addition is reported, and any removal', async () => {
  const found = await takeInventory(description());
  const without = {
    ...registry,
    collections: registry.collections
      .filter(({ id }) => id !== 'delivery.dkimKeys')
      .map((held) => {
        const { details: _, ...fields } = held.fields;
        return { ...held, fields };
      }),
    queues: registry.queues.filter(({ id }) => id !== 'queue.ingress.spool'),
    logKeys: registry.logKeys.filter(({ name }) => name !== 'tenant'),
    metricLabels: [
      ...registry.metricLabels,
      { name: 'recipient', holds: 'An address.', basis: 'none needed' as const },
    ],
  };
  expect(compare(without, found)).toEqual({
    unregistered: [
      'collection delivery.dkimKeys',
      'logging.messages: field details',
      'queue ingress.spool',
      'log key tenant',
    ],
    missing: ['metric label recipient'],
  });
});
