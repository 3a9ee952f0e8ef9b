import { expect, test } from 'vitest';
import {
  brokerPermissions,
  brokerPoliciesFor,
  brokerTopicPermissions,
  exchanges,
  queues,
  routingKeys,
  serviceNames,
} from '../src/index.ts';

const may = (pattern: string, name: string) => new RegExp(pattern, 'u').test(name);

test('a service reads no work queue but its own', () => {
  for (const service of serviceNames) {
    for (const queue of Object.values(queues)) {
      const own = queue.name.startsWith(`${service}.`);
      expect([service, queue.name, may(brokerPermissions[service].read, queue.name)]).toEqual([
        service,
        queue.name,
        own,
      ]);
    }
  }
});

test('only ingress and delivery publish mail', () => {
  const writers = (name: string) =>
    serviceNames.filter((service) => may(brokerPermissions[service].write, name));
  expect(writers(exchanges.mail.name)).toEqual(['ingress', 'delivery']);
});

test('on exchange privacy everybody speaks, in its own name only', () => {
  const speakers = (key: string) =>
    serviceNames.filter(
      (service) =>
        may(brokerPermissions[service].write, exchanges.privacy.name) &&
        may(brokerTopicPermissions[service].write, key),
    );
  const { fenceRaised, keysDropped, erasureCommand, marker } = routingKeys;
  for (const service of serviceNames) {
    expect(speakers(routingKeys.processAlive(service))).toEqual([service]);
    expect(speakers(routingKeys.erasureAnswer(service))).toEqual([service]);
    expect(speakers(erasureCommand(service))).toEqual(['privacy']);
  }
  for (const key of [fenceRaised, keysDropped, marker(queues.deliveryMail.name)]) {
    expect(speakers(key)).toEqual(['privacy']);
  }
});

test("a broadcast queue belongs to its own service's user", () => {
  expect(may(brokerPermissions.ingress.configure, 'ingress.broadcast.1')).toBe(true);
  expect(may(brokerPermissions.ingress.configure, 'delivery.broadcast.1')).toBe(false);
});

test('every event reaches the usage log or its consumer by a binding', () => {
  const patterns = Object.values(queues).flatMap((queue) =>
    queue.bindings.map((binding) => new RegExp(`^${binding.key.replaceAll('*', '[^.]+')}$`, 'u')),
  );
  const { messageAccepted, messageDeferred, messageFinished, spoolReleased, mail } = routingKeys;
  for (const key of [messageAccepted, messageDeferred, messageFinished, spoolReleased, mail]) {
    expect([key, patterns.some((pattern) => pattern.test(key))]).toEqual([key, true]);
  }
});

test('a broker that knows the consumer timeout gets it by policy, an older one does not', () => {
  const timeouts = (version: string) =>
    brokerPoliciesFor(version).map(({ definition }) => definition['consumer-timeout']);
  for (const version of ['3.10.8', '3.11.28'])
    expect(new Set(timeouts(version))).toEqual(new Set([undefined]));
  for (const version of ['3.12.0', '3.13.7', '4.1.2']) {
    expect(new Set(timeouts(version))).toEqual(new Set([1_800_000]));
  }
});
