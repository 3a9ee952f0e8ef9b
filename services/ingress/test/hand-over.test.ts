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
import { openGate } from '@mysmtp/erasure';
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
import { createHandOver, type Parcel } from '../src/intake/hand-over.ts';

const log = createLogger('ingress', 'error', { write: () => undefined });

let cleanup: AsyncDisposableStack;
let broker: TestBroker;
let proxy: Proxy;
let publisher: Publisher;
/** Not by way of the proxy. */
let direct: Publisher;
let tenants: Tenants<BareScope>;
/** The way on which this process hears of fences. */
let hearing: Proxy;
/** Those of which privacy tells who asks; `undefined` while it says nothing. */
let standing: Fence[] | undefined;
/** Ids in the order of arrival, each as often as it came. */
let arrived: string[];
let parcel: Parcel;
let isWanted: boolean;
let keys: ServiceKeys;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  broker = cleanup.adopt(await freshBroker(), (open) => open.close());
  proxy = cleanup.adopt(await proxyTo(broker.url), (open) => open.close());
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-hand-over-'));
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
  const opened = openGate({
    service: 'ingress',
    control,
    publisher: direct,
    async fences() {
      if (standing === undefined) throw new Error('privacy is away');
      return standing;
    },
    standing: () => Promise.resolve(everythingStands),
    signed: await keys.as('ingress'),
    lease: 10_000,
    log,
    metrics: new Registry(),
  });
  const gate = cleanup.adopt(opened, (open) => open.stop());
  tenants = createTenants(gate, (tenant) => ({ tenant }));
  await eventually(() => expect(tenants.isCurrent()).toBe(true));
  isWanted = true;
  parcel = {
    id: newMessageId(Date.now()),
    tenant: 'tenant',
    kind: 'message',
    content: Buffer.from('sealed'),
    isWanted: () => isWanted,
  };
});
afterEach(() => cleanup.disposeAsync());

/** The broker has the message and its confirm is lost with the connection. */
async function loseConfirm(taken: Promise<unknown>): Promise<void> {
  await eventually(() => expect(arrived).toEqual([parcel.id]));
  proxy.cut();
  // Long enough for an answer that should not come yet.
  expect(await Promise.race([taken, sleep(300, 'waiting')])).toBe('waiting');
}

test('a confirm that is lost is asked for again, under the same id, once the broker is back', async () => {
  const handOver = createHandOver(publisher, tenants, 20_000);
  proxy.deafen();
  const taken = handOver(parcel);
  await loseConfirm(taken);
  proxy.mend();
  expect(await taken).toBeUndefined();
  await eventually(() => expect(arrived).toEqual([parcel.id, parcel.id]));
});

test('the broker stays away: nobody knows, and the client is told so in time', async () => {
  const handOver = createHandOver(publisher, tenants, 1_000);
  proxy.deafen();
  const taken = handOver(parcel);
  await loseConfirm(taken);
  expect(await taken).toBe('unknown');
});

test('after a revocation no second copy goes out', async () => {
  const handOver = createHandOver(publisher, tenants, 20_000);
  proxy.deafen();
  const taken = handOver(parcel);
  await loseConfirm(taken);
  isWanted = false;
  proxy.mend();
  expect(await taken).toBe('unknown');
  expect(arrived).toEqual([parcel.id]);
});

test('after a fence no second copy goes out, and nobody is told that the first may have', async () => {
  const handOver = createHandOver(publisher, tenants, 20_000);
  proxy.deafen();
  const taken = handOver(parcel);
  await loseConfirm(taken);
  const subject = { kind: 'tenant', tenant: parcel.tenant } as const;
  const fence = { v: 1 as const, erasure: randomUUID(), subject };
  await broker.say('privacy', {
    key: routingKeys.fenceRaised,
    content: await (await keys.as('privacy')).sign('fence', fence),
  });
  await eventually(() => expect(tenants.fencedBy(parcel.tenant)).toBe(fence.erasure));
  proxy.mend();
  expect(await taken).toBe('unwanted');
  expect(await handOver(parcel)).toBe('unwanted');
  expect(arrived).toEqual([parcel.id]);
});

/** The broker has the message, and its confirm is read by a process that may have missed a fence. */
async function confirmTooLate(taken: Promise<unknown>): Promise<void> {
  await eventually(() => expect(arrived).toEqual([parcel.id]));
  standing = undefined;
  hearing.cut();
  hearing.mend();
  await eventually(() => expect(tenants.isCurrent()).toBe(false));
  proxy.mend();
  expect(await Promise.race([taken, sleep(300, 'waiting')])).toBe('waiting');
}

test.each([
  ['a fence stands: it was not taken', true, 'unwanted'],
  ['none does: it was taken', false, undefined],
])(
  'a confirm that is read while fences may have been missed waits until they are known; %s',
  async (_case, isFenced, outcome) => {
    proxy.deafen();
    const taken = createHandOver(publisher, tenants, 20_000)(parcel);
    await confirmTooLate(taken);
    const subject = { kind: 'tenant', tenant: parcel.tenant } as const;
    standing = isFenced ? [{ erasure: randomUUID(), subject }] : [];
    expect(await taken).toBe(outcome);
    expect(arrived).toEqual([parcel.id]);
  },
);

test('the fences stay unknown: so is what became of the message, and the client is told so in time', async () => {
  proxy.deafen();
  const taken = createHandOver(publisher, tenants, 1_000)(parcel);
  await confirmTooLate(taken);
  expect(await taken).toBe('unknown');
});

test('a broker that is away before anything was sent is an answer at once', async () => {
  proxy.cut();
  await eventually(() => expect(publisher.isReady()).toBe(false));
  expect(await createHandOver(publisher, tenants, 20_000)(parcel)).toBe('unavailable');
  proxy.mend();
});
