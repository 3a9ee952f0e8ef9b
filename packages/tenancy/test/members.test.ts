import { randomUUID } from 'node:crypto';
import { openBroker, openControl } from '@mysmtp/broker';
import { routingKeys, serviceNames, type ProcessAlive, type ServiceName } from '@mysmtp/contracts';
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

let beats = 0;
const alive = (service: ServiceName, process: string): ProcessAlive => ({
  v: 1,
  service,
  process,
  beat: (beats += 1),
  lease,
});

/** A heartbeat, as its process sends it unless it is said how. */
const beat = (
  service: ServiceName,
  process: string,
  { key = routingKeys.processAlive(service, process), as = service } = {},
): Promise<void> =>
  broker.say(as, { key, content: Buffer.from(JSON.stringify(alive(service, process))) });

test('members that hear nothing are not complete, however long they have listened', async () => {
  const members = membersOf(serviceNames);
  const process = randomUUID();
  const heard = () =>
    eventually(async () => {
      await beat('ingress', process);
      expect(members.live()).toEqual([{ process, service: 'ingress' }]);
    });
  await heard();
  expect(members.isComplete()).toBe(false);
  vi.advanceTimersByTime(lease * 1.2);
  // Long enough, but in silence: it may be cut off, or this process was frozen.
  expect(members.live()).toEqual([]);
  expect(members.isComplete()).toBe(false);
  await heard();
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
    await beat('ingress', first);
    expect(processes()).toEqual([first]);
  });
  await beat('logging', foreign);
  await beat('delivery', other);
  // What was sent before this one has been heard as well.
  await eventually(() => expect(processes()).toEqual([first, other]));
  vi.advanceTimersByTime(lease);
  await beat('ingress', second);
  await eventually(() => expect(processes('ingress')).toEqual([first, second]));
  vi.advanceTimersByTime(lease * 0.2);
  expect(processes('ingress')).toEqual([second]);
  expect(processes('delivery')).toEqual([]);
});

test('a process of the release before is heard, and one that speaks for another is not', async () => {
  const members = membersOf(['ingress', 'delivery']);
  const [older, made] = [randomUUID(), randomUUID()];
  const key = routingKeys.processAliveBefore('ingress');
  await eventually(async () => {
    await beat('ingress', made, { key: routingKeys.processAlive('ingress', randomUUID()) });
    await beat('delivery', made, { key: routingKeys.processAlive('ingress', made), as: 'ingress' });
    await beat('ingress', older, { key });
    expect(members.live()).toEqual([{ process: older, service: 'ingress' }]);
  });
  // It has but this key, so this keeps it alive.
  vi.advanceTimersByTime(lease);
  await beat('ingress', older, { key });
  const last = randomUUID();
  await beat('ingress', last);
  await eventually(() => expect(members.live().map(({ process }) => process)).toContain(last));
  vi.advanceTimersByTime(lease);
  expect(members.live().map(({ process }) => process)).toEqual([older, last]);
});

test('what a process says of the mail in its hands stays with it until it says something else', async () => {
  const members = membersOf(['delivery']);
  const process = randomUUID();
  const inHand = { at: 2_000, youngSince: 1_000 };
  const say = (content: ProcessAlive, key = routingKeys.processAlive('delivery', process)) =>
    broker.say('delivery', { key, content: Buffer.from(JSON.stringify(content)) });
  await eventually(async () => {
    await say({ ...alive('delivery', process), inHand });
    await say(alive('delivery', process), routingKeys.processAliveBefore('delivery'));
    expect(members.live()).toEqual([{ process, service: 'delivery', inHand }]);
  });
  await say(alive('delivery', process));
  await eventually(() => expect(members.live()[0]?.inHand).toBeUndefined());
});
