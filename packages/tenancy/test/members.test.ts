import { randomUUID } from 'node:crypto';
import { openBroker, openControl } from '@mysmtp/broker';
import { routingKeys, serviceNames, type Heartbeat, type ServiceName } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, type TestBroker } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openMembers, type Members } from '../src/index.ts';

const lease = 10_000;
const log = createLogger('privacy', 'error', { write: () => undefined });

let cleanup: AsyncDisposableStack;
let broker: TestBroker;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  cleanup = new AsyncDisposableStack();
  broker = cleanup.adopt(await freshBroker(), (open) => open.close());
});
afterEach(async () => {
  vi.useRealTimers();
  await cleanup.disposeAsync();
});

function membersOf(services: readonly ServiceName[]): Members {
  const connections = openBroker({ url: broker.url, service: 'privacy', log });
  cleanup.defer(() => connections.close());
  const control = cleanup.adopt(openControl(connections), (open) => open.close());
  const members = openMembers(control, { services, lease, log });
  return cleanup.adopt(members, (open) => open.close());
}

let sent = 0;
const alive = (service: ServiceName, process: string): Heartbeat => ({
  v: 1,
  service,
  process,
  sequence: (sent += 1),
  lease,
});

/** A heartbeat as its process sends it, with optional changes. */
const heartbeat = (
  service: ServiceName,
  process: string,
  { key = routingKeys.heartbeat(service, process), as = service } = {},
): Promise<void> =>
  broker.say(as, { key, content: Buffer.from(JSON.stringify(alive(service, process))) });

test('members are not complete without heartbeats, however long they have listened', async () => {
  const members = membersOf(serviceNames);
  const process = randomUUID();
  const verified = () =>
    eventually(async () => {
      await heartbeat('ingress', process);
      expect(members.live()).toEqual([{ process, service: 'ingress' }]);
    });
  await verified();
  expect(members.isComplete()).toBe(false);
  vi.advanceTimersByTime(lease * 1.2);
  // Long enough, but without heartbeats: this process may be disconnected, or was frozen.
  expect(members.live()).toEqual([]);
  expect(members.isComplete()).toBe(false);
  await verified();
  expect(members.isComplete()).toBe(true);
});

test('members appear with their first heartbeat, and vanish a lease after their last', async () => {
  const members = membersOf(['ingress', 'delivery']);
  const [first, second, other, foreign] = [
    randomUUID(),
    randomUUID(),
    randomUUID(),
    randomUUID(),
  ] as const;
  const processes = (service?: ServiceName) => members.live(service).map(({ process }) => process);
  await eventually(async () => {
    await heartbeat('ingress', first);
    expect(processes()).toEqual([first]);
  });
  await heartbeat('logging', foreign);
  await heartbeat('delivery', other);
  // Earlier messages have arrived as well.
  await eventually(() => expect(processes()).toEqual([first, other]));
  vi.advanceTimersByTime(lease);
  await heartbeat('ingress', second);
  await eventually(() => expect(processes('ingress')).toEqual([first, second]));
  vi.advanceTimersByTime(lease * 0.2);
  expect(processes('ingress')).toEqual([second]);
  expect(processes('delivery')).toEqual([]);
});

test('a heartbeat in the name of another process or service is refused', async () => {
  const members = membersOf(['ingress', 'delivery']);
  const [own, made] = [randomUUID(), randomUUID()];
  await eventually(async () => {
    await heartbeat('ingress', made, { key: routingKeys.heartbeat('ingress', randomUUID()) });
    await heartbeat('delivery', made, {
      key: routingKeys.heartbeat('ingress', made),
      as: 'ingress',
    });
    await heartbeat('ingress', own);
    expect(members.live()).toEqual([{ process: own, service: 'ingress' }]);
  });
});

test('the in-flight report of a process is the one in its last heartbeat', async () => {
  const members = membersOf(['delivery']);
  const process = randomUUID();
  const inFlight = { at: 2_000, youngSince: 1_000 };
  const key = routingKeys.heartbeat('delivery', process);
  const say = (content: Heartbeat) =>
    broker.say('delivery', { key, content: Buffer.from(JSON.stringify(content)) });
  await eventually(async () => {
    await say({ ...alive('delivery', process), inFlight });
    expect(members.live()).toEqual([{ process, service: 'delivery', inFlight }]);
  });
  await say(alive('delivery', process));
  await eventually(() => expect(members.live()[0]?.inFlight).toBeUndefined());
});
