import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  openBroker,
  openConsumer,
  openControl,
  openPublisher,
  type Publisher,
} from '@mysmtp/broker';
import { MailHeaders, newMessageId, queues, routingKeys, type Fence } from '@mysmtp/contracts';
import { startTenantGuard } from '@mysmtp/erasure';
import { createLogger } from '@mysmtp/log';
import { createTenants, type BareScope, type Tenants } from '@mysmtp/tenancy';
import {
  eventually,
  everythingStands,
  freshBroker,
  makeServiceKeys,
  proxyTo,
  type Proxy,
  type ServiceKeys,
  type TestBroker,
} from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMessagePublisher, type OutgoingMessage } from '../src/intake/publish-message.ts';

const log = createLogger('ingress', 'error', { write: () => undefined });

let cleanup: AsyncDisposableStack;
let broker: TestBroker;
let proxy: Proxy;
let publisher: Publisher;
/** Not through the proxy. */
let direct: Publisher;
let tenants: Tenants<BareScope>;
/** The connection on which this process gets fences. */
let hearing: Proxy;
/** The fences in privacy's response; `undefined` while privacy does not answer. */
let standing: Fence[] | undefined;
/** Ids in the order of arrival, including duplicates. */
let arrived: string[];
let outgoing: OutgoingMessage;
let isAuthorized: boolean;
let keys: ServiceKeys;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  broker = cleanup.adopt(await freshBroker(), (open) => open.close());
  proxy = cleanup.adopt(await proxyTo(broker.url), (open) => open.close());
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-publish-'));
  cleanup.defer(() => rm(dir, { recursive: true }));
  keys = await makeServiceKeys(dir);
  arrived = [];
  const connect = ({ url }: { readonly url: string }) =>
    cleanup.adopt(openBroker({ url, service: 'ingress', log }), (open) => open.close());
  const plain = connect(broker);
  const consumer = openConsumer(plain, {
    queue: queues.deliveryMail,
    prefetch: 100,
    handle({ headers }) {
      arrived.push(MailHeaders.parse(headers).id);
      return Promise.resolve('ack');
    },
  });
  cleanup.defer(() => consumer.close());
  await eventually(() => expect(consumer.isUp()).toBe(true));
  publisher = cleanup.adopt(openPublisher(connect(proxy)), (open) => open.close());
  await eventually(() => expect(publisher.isReady()).toBe(true));
  direct = cleanup.adopt(openPublisher(plain), (open) => open.close());
  hearing = cleanup.adopt(await proxyTo(broker.url), (open) => open.close());
  standing = [];
  const control = cleanup.adopt(openControl(connect(hearing)), (open) => open.close());
  const opened = startTenantGuard({
    service: 'ingress',
    control,
    publisher: direct,
    async fences() {
      if (standing === undefined) throw new Error('privacy is unreachable');
      return standing;
    },
    standing: () => Promise.resolve(everythingStands),
    signed: await keys.as('ingress'),
    lease: 10_000,
    log,
    metrics: new Registry(),
  });
  const guard = cleanup.adopt(opened, (open) => open.stop());
  tenants = createTenants(guard, (tenant) => ({ tenant }));
  await eventually(() => expect(tenants.isCurrent()).toBe(true));
  isAuthorized = true;
  outgoing = {
    id: newMessageId(Date.now()),
    tenant: 'tenant',
    kind: 'message',
    content: [Buffer.from('sealed')],
    isAuthorized: () => isAuthorized,
  };
});
afterEach(() => cleanup.disposeAsync());

/** The broker has the message and its confirm is lost with the connection. */
async function loseConfirm(taken: Promise<unknown>): Promise<void> {
  await eventually(() => expect(arrived).toEqual([outgoing.id]));
  proxy.cut();
  // Long enough for a result that would be too early.
  expect(await Promise.race([taken, sleep(300, 'waiting')])).toBe('waiting');
}

test('after a lost confirm the message is published again under the same id once the broker is back', async () => {
  const publishMessage = createMessagePublisher(publisher, tenants, 20_000);
  proxy.deafen();
  const taken = publishMessage(outgoing);
  await loseConfirm(taken);
  proxy.mend();
  expect(await taken).toBeUndefined();
  await eventually(() => expect(arrived).toEqual([outgoing.id, outgoing.id]));
});

test('the broker stays unreachable: the result is unknown after the patience', async () => {
  const publishMessage = createMessagePublisher(publisher, tenants, 1_000);
  proxy.deafen();
  const taken = publishMessage(outgoing);
  await loseConfirm(taken);
  expect(await taken).toBe('unknown');
});

test('after a revocation no second copy is published', async () => {
  const publishMessage = createMessagePublisher(publisher, tenants, 20_000);
  proxy.deafen();
  const taken = publishMessage(outgoing);
  await loseConfirm(taken);
  isAuthorized = false;
  proxy.mend();
  expect(await taken).toBe('unknown');
  expect(arrived).toEqual([outgoing.id]);
});

test('after a fence no second copy is published, and the result is revoked although the first may have arrived', async () => {
  const publishMessage = createMessagePublisher(publisher, tenants, 20_000);
  proxy.deafen();
  const taken = publishMessage(outgoing);
  await loseConfirm(taken);
  const subject = { kind: 'tenant', tenant: outgoing.tenant } as const;
  const fence = { v: 1 as const, erasure: randomUUID(), subject };
  await broker.say('privacy', {
    key: routingKeys.fenceRaised,
    content: await (await keys.as('privacy')).sign('fence', fence),
  });
  await eventually(() => expect(tenants.fencedBy(outgoing.tenant)).toBe(fence.erasure));
  proxy.mend();
  expect(await taken).toBe('revoked');
  expect(await publishMessage(outgoing)).toBe('revoked');
  expect(arrived).toEqual([outgoing.id]);
});

/** The broker has the message, and its confirm is read by a process that may have missed a fence. */
async function confirmTooLate(taken: Promise<unknown>): Promise<void> {
  await eventually(() => expect(arrived).toEqual([outgoing.id]));
  standing = undefined;
  hearing.cut();
  hearing.mend();
  await eventually(() => expect(tenants.isCurrent()).toBe(false));
  proxy.mend();
  expect(await Promise.race([taken, sleep(300, 'waiting')])).toBe('waiting');
}

test.each([
  ['with a fence the result is revoked', true, 'revoked'],
  ['without a fence the result is success', false, undefined],
])(
  'a confirm that arrives while the fence list may be stale waits until it is current; %s',
  async (_case, isFenced, outcome) => {
    proxy.deafen();
    const taken = createMessagePublisher(publisher, tenants, 20_000)(outgoing);
    await confirmTooLate(taken);
    const subject = { kind: 'tenant', tenant: outgoing.tenant } as const;
    standing = isFenced ? [{ erasure: randomUUID(), subject }] : [];
    expect(await taken).toBe(outcome);
    expect(arrived).toEqual([outgoing.id]);
  },
);

test('the fence list stays stale: the result is unknown after the patience', async () => {
  proxy.deafen();
  const taken = createMessagePublisher(publisher, tenants, 1_000)(outgoing);
  await confirmTooLate(taken);
  expect(await taken).toBe('unknown');
});

test('if the broker is unreachable before the first publish, the result is immediate', async () => {
  proxy.cut();
  await eventually(() => expect(publisher.isReady()).toBe(false));
  expect(await createMessagePublisher(publisher, tenants, 20_000)(outgoing)).toBe('unavailable');
  proxy.mend();
});
