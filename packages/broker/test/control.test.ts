import { routingKeys, type QueueBinding } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, type TestBroker } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBroker, openControl, type Broker, type Control } from '../src/index.ts';

const log = createLogger('ingress', 'error', { write: () => undefined });
const fences: QueueBinding = { exchange: 'privacy', key: routingKeys.fenceRaised };
const drops: QueueBinding = { exchange: 'privacy', key: routingKeys.keysDropped };
const changes: QueueBinding = { exchange: 'identity', key: 'identity.*.changed' };

let cleanup: AsyncDisposableStack;
let broker: TestBroker;
let connections: Broker;
let control: Control;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  broker = cleanup.adopt(await freshBroker(), (open) => open.close());
  connections = openBroker({ url: broker.url, service: 'ingress', log });
  cleanup.defer(() => connections.close());
  control = cleanup.adopt(openControl(connections), (open) => open.close());
  await eventually(() => expect(control.isUp()).toBe(true));
});
afterEach(() => cleanup.disposeAsync());

const say = ({ exchange, key }: QueueBinding, text: string): Promise<void> =>
  broker.say(exchange === 'dead' ? 'privacy' : exchange, { key, content: Buffer.from(text) });

/** Subscribes, and resolves once the subscription is bound. Messages are added to `heard`. */
async function listen(
  bindings: readonly QueueBinding[],
  verified: string[],
  before: (text: string) => Promise<void> = async () => undefined,
  on = control,
) {
  let bound = 0;
  const end = on.subscribe({
    bindings,
    async handle({ content }) {
      await before(content.toString());
      verified.push(content.toString());
    },
    onBound: () => void (bound += 1),
  });
  await eventually(() => expect(bound).toBe(1));
  return { end, bound: () => bound };
}

test('broadcasts are handled in the order in which they were sent, across subscriptions', async () => {
  const verified: string[] = [];
  const first = Promise.withResolvers<void>();
  await listen([fences], verified, (text) =>
    text === 'fence 1' ? first.promise : Promise.resolve(),
  );
  await listen([drops], verified);
  await listen([changes], verified);
  // A subscription of another process, which gets the same.
  const other = cleanup.adopt(openControl(connections), (open) => open.close());
  const told: string[] = [];
  await listen([fences], told, undefined, other);
  await say(fences, 'fence 1');
  await say(drops, 'keys 2');
  await say({ exchange: 'identity', key: routingKeys.identityChanged('domain') }, 'domain 3');
  await say(fences, 'fence 4');
  // All messages have arrived. The first is not handled yet, so none is.
  await eventually(() => expect(told).toEqual(['fence 1', 'fence 4']));
  expect(verified).toEqual([]);
  first.resolve();
  await eventually(() => expect(verified).toEqual(['fence 1', 'keys 2', 'domain 3', 'fence 4']));
});

test('each subscription gets its messages, also if another one fails', async () => {
  const [failing, all, tenants]: [string[], string[], string[]] = [[], [], []];
  const tenant = { exchange: 'identity', key: routingKeys.identityChanged('tenant') } as const;
  await listen([changes], failing, () => Promise.reject(new Error('this one cannot')));
  await listen([changes], all);
  await listen([tenant], tenants);
  await say(tenant, 'a tenant');
  await say({ ...tenant, key: routingKeys.identityChanged('domain') }, 'a domain');
  await eventually(() => expect(all).toEqual(['a tenant', 'a domain']));
  expect([failing, tenants]).toEqual([[], ['a tenant']]);
});

test('after a break everything is bound again, and each subscription is notified once', async () => {
  const verified: string[] = [];
  const one = await listen([fences], verified);
  const other = await listen([drops], verified);
  expect([one.bound(), other.bound()]).toEqual([1, 1]);
  await broker.cutConnections();
  await eventually(() => expect([one.bound(), other.bound()]).toEqual([2, 2]));
  await say(fences, 'fence');
  await say(drops, 'keys');
  await eventually(() => expect(verified).toEqual(['fence', 'keys']));
});

test('a subscription that has ended gets no more messages, and its last handler has finished', async () => {
  const verified: string[] = [];
  const begun = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  const ending = await listen([fences], verified, () => {
    begun.resolve();
    return slow.promise;
  });
  await say(fences, 'before');
  await begun.promise;
  const ended = ending.end();
  await say(fences, 'after');
  await listen([drops], verified);
  slow.resolve();
  await ended;
  expect(verified).toEqual(['before']);
  await say(drops, 'keys');
  await eventually(() => expect(verified).toEqual(['before', 'keys']));
});
