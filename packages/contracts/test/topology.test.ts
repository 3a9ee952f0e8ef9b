import { expect, test } from 'vitest';
import { brokerPermissions, exchanges, queues, routingKeys, serviceNames } from '../src/index.ts';

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

test('only ingress and delivery publish mail, only privacy speaks on exchange privacy', () => {
  const writers = (name: string) =>
    serviceNames.filter((service) => may(brokerPermissions[service].write, name));
  expect(writers(exchanges.mail.name)).toEqual(['ingress', 'delivery']);
  expect(writers(exchanges.privacy.name)).toEqual(['privacy']);
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
