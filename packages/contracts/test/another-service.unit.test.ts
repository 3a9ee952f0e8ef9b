import { expect, test, vi } from 'vitest';
import * as contracts from '../src/index.ts';
import { dataMap } from '../src/registry/data-map.ts';
import type * as services from '../src/services.ts';
import type { ServiceName } from '../src/services.ts';

/** An entry in the table of services, and nothing else. */
const { name, entry } = vi.hoisted(() => ({
  name: 'webhooks' as ServiceName,
  entry: {
    does: 'Tells customers’ servers what became of their mail.',
    holdsData: true,
    projects: ['tenant', 'token'],
    calls: ['resolveKeys', 'snapshot'],
    keys: ['events'],
  },
}));

vi.mock('../src/services.ts', async (original) => {
  const table = await original<typeof services>();
  const serviceNames = [...table.serviceNames, name];
  return {
    ...table,
    serviceNames,
    dataHolders: [...table.dataHolders, name],
    serviceOf: (asked: ServiceName) => (asked === name ? entry : table.serviceOf(asked)),
    byService: <T>(of: (service: ServiceName) => T) =>
      Object.fromEntries(serviceNames.map((service) => [service, of(service)])),
  };
});

test('all that a service has with the broker follows from its entry in the table', () => {
  expect(contracts.exchanges).toContain(name);
  expect(contracts.workQueues.map((queue) => queue.name)).toContain('webhooks.erasure');
  expect(contracts.queues.privacyAnswers.bindings).toContainEqual({
    exchange: name,
    key: 'webhooks.erasure.answer',
  });
  const { read, write } = contracts.brokerPermissions[name];
  for (const queue of ['webhooks.erasure', 'webhooks.broadcast.1']) {
    expect(queue).toMatch(new RegExp(read));
    expect(queue).toMatch(new RegExp(write));
  }
  expect(write).toContain(name);
  const heard = contracts.brokerTopicPermissions[name].find(
    ({ exchange }) => exchange === 'identity',
  );
  expect('identity.token.changed').toMatch(new RegExp(heard?.read ?? ''));
  expect('identity.credential.changed').not.toMatch(new RegExp(heard?.read ?? ''));
});

test('and so does what it may call, know and open', () => {
  expect(contracts.callersOf('snapshot')).toContain(name);
  expect(contracts.callersOf('undeliveredMail')).not.toContain(name);
  expect(contracts.mayKnow(name, 'token')).toBe(true);
  expect(contracts.mayKnow(name, 'domain')).toBe(false);
  expect(contracts.mayHaveKey(name, 'events:2026-11-24')).toBe(true);
  expect(contracts.mayHaveKey(name, 'account')).toBe(false);
});

test('and the stores that every holder of data has are in the registry, the coverage and the data map', () => {
  const stores = ['webhooks.identity', 'webhooks.purges'];
  const { registry } = contracts;
  const own = registry.collections.filter(({ service }) => service === name);
  expect(own.map(({ id }) => id)).toEqual(stores);
  const queues = registry.queues.filter(({ service }) => service === name);
  expect(queues.map(({ id }) => id)).toEqual(['queue.webhooks.erasure', 'webhooks.broadcast']);
  const text = dataMap(registry);
  expect(text).toContain('### webhooks');
  for (const store of stores) expect(text).toContain(`\`${store}\``);
});
