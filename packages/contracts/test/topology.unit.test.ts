import { expect, test } from 'vitest';
import {
  brokerPermissions,
  brokerPoliciesFor,
  brokerTopicPermissions,
  exchanges,
  routingKeys,
  serviceNames,
  workQueues,
  type ExchangeName,
  type QueueBinding,
} from '../src/index.ts';

const may = (pattern: string, name: string) => new RegExp(pattern, 'u').test(name);

test('a service reads only its own work queues', () => {
  for (const service of serviceNames) {
    for (const queue of workQueues) {
      const own = queue.name.startsWith(`${service}.`);
      expect([service, queue.name, may(brokerPermissions[service].read, queue.name)]).toEqual([
        service,
        queue.name,
        own,
      ]);
    }
  }
});

test('a service publishes only to its own exchange, and declares none', () => {
  for (const service of serviceNames) {
    const { configure, write } = brokerPermissions[service];
    expect(exchanges.filter((name) => may(write, name))).toEqual([service]);
    expect(exchanges.filter((name) => may(configure, name))).toEqual([]);
    expect(['', 'amq.default', 'amq.topic'].filter((name) => may(write, name))).toEqual([]);
  }
});

test('messages on an exchange come from its service: the keys are its own, or its mail', () => {
  const bindings = workQueues.flatMap((queue): readonly QueueBinding[] => queue.bindings);
  for (const { exchange, key } of bindings.filter(({ exchange }) => exchange !== 'dead')) {
    expect(key === routingKeys.mail ? exchange : key).toMatch(
      key === routingKeys.mail ? /^(ingress|delivery)$/ : new RegExp(`^${exchange}\\.`),
    );
  }
});

test('a service may bind only its own routing keys of another exchange', () => {
  const mayBind = (exchange: ExchangeName, key: string) =>
    serviceNames.filter((service) =>
      brokerTopicPermissions[service].some(
        (topic) => topic.exchange === exchange && may(topic.read, key),
      ),
    );
  expect(mayBind('ingress', routingKeys.mail)).toEqual(['delivery']);
  expect(mayBind('ingress', 'ingress.message.*')).toEqual(['logging']);
  expect(mayBind('identity', routingKeys.identityChanged('credential'))).toEqual(['ingress']);
  expect(mayBind('privacy', routingKeys.erasureCommand('ingress'))).toEqual(['ingress']);
  expect(mayBind('privacy', routingKeys.fenceRaised)).toEqual(serviceNames);
  const process = '01234567-89ab-7cde-8f01-23456789abcd';
  expect(mayBind('ingress', routingKeys.heartbeat('ingress', process))).toEqual(['ingress']);
  expect(mayBind('ingress', routingKeys.heartbeat('ingress', '*'))).toEqual(['ingress', 'privacy']);
  for (const exchange of exchanges) {
    expect(mayBind(exchange, '#')).toEqual(exchange === 'dead' ? ['privacy'] : []);
  }
});

test('without topic permissions for an exchange a user could bind all of it, so it may not read it', () => {
  for (const service of serviceNames) {
    const known = brokerTopicPermissions[service].map(({ exchange }) => exchange);
    const readable = exchanges.filter((name) => may(brokerPermissions[service].read, name));
    expect(new Set(known)).toEqual(new Set(readable));
  }
});

test('a broadcast queue belongs to the user of its own service', () => {
  expect(may(brokerPermissions.ingress.configure, 'ingress.broadcast.1')).toBe(true);
  expect(may(brokerPermissions.ingress.configure, 'delivery.broadcast.1')).toBe(false);
});

test('every event reaches the usage log or its consumer by a binding', () => {
  const patterns = workQueues.flatMap((queue) =>
    queue.bindings.map((binding) => new RegExp(`^${binding.key.replaceAll('*', '[^.]+')}$`, 'u')),
  );
  const { messageAccepted, messageDeferred, messageFinished, spoolReleased, mail } = routingKeys;
  for (const key of [messageAccepted, messageDeferred, messageFinished, spoolReleased, mail]) {
    expect([key, patterns.some((pattern) => pattern.test(key))]).toEqual([key, true]);
  }
});

test('a broker that supports a consumer timeout gets it by policy, an older one does not', () => {
  const timeouts = (version: string) =>
    brokerPoliciesFor(version).map(({ definition }) => definition['consumer-timeout']);
  for (const version of ['3.10.8', '3.11.28'])
    expect(new Set(timeouts(version))).toEqual(new Set([undefined]));
  for (const version of ['3.12.0', '3.13.7', '4.1.2']) {
    expect(new Set(timeouts(version))).toEqual(new Set([1_800_000]));
  }
});
