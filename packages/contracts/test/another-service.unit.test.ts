import { afterAll, expect, test, vi } from 'vitest';
import * as contracts from '../src/index.ts';
import { dataMap } from '../src/registry/data-map.ts';
import type * as services from '../src/services.ts';
import type { ServiceName } from '../src/services.ts';

// Other files in this process have loaded the modules, and must not get the replaced one.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.doUnmock('../src/services.ts');
  vi.resetModules();
});

/** Only an entry in the table of services. */
const { name, entry } = vi.hoisted(() => ({
  name: 'webhooks' as ServiceName,
  entry: {
    does: 'Sends the outcome of mail to customers’ servers.',
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

test('the exchanges, queues and permissions of a service follow from its entry in the table', () => {
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
  const verified = contracts.brokerTopicPermissions[name].find(
    ({ exchange }) => exchange === 'identity',
  );
  expect('identity.token.changed').toMatch(new RegExp(verified?.read ?? ''));
  expect('identity.credential.changed').not.toMatch(new RegExp(verified?.read ?? ''));
});

test('the calls, entities and keys of a service follow from its entry in the table', () => {
  expect(contracts.callersOf('snapshot')).toContain(name);
  expect(contracts.callersOf('undeliveredMail')).not.toContain(name);
  expect(contracts.mayKnow(name, 'token')).toBe(true);
  expect(contracts.mayKnow(name, 'domain')).toBe(false);
  expect(contracts.mayHaveKey(name, 'events:2026-11-24')).toBe(true);
  expect(contracts.mayHaveKey(name, 'account')).toBe(false);
});

test('the stores of every data holder are in the registry, the coverage and the data map', () => {
  const stores = ['webhooks.identityProjection', 'webhooks.deletionCounts'];
  const { registry } = contracts;
  const own = registry.collections.filter(({ service }) => service === name);
  expect(own.map(({ id }) => id)).toEqual(stores);
  const queues = registry.queues.filter(({ service }) => service === name);
  expect(queues.map(({ id }) => id)).toEqual(['queue.webhooks.erasure', 'webhooks.broadcast']);
  const text = dataMap(registry);
  expect(text).toContain('### webhooks');
  for (const store of stores) expect(text).toContain(`\`${store}\``);
});
