import {
  broadcasts,
  CredentialOutcomes,
  readContent,
  RowsPublished,
  type QueueBinding,
  type TenantStatus,
} from '@mysmtp/contracts';
import { openBroker, openControl } from '@mysmtp/broker';
import { createLogger } from '@mysmtp/log';
import { eventually } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';
import { other, startWorld, tenant, type World } from './world.ts';

let world: World;
let stage: Stage;

beforeEach(async () => {
  world = await startWorld();
  stage = openStage(world);
});
afterEach(async () => {
  await stage.cleanup.disposeAsync();
  await world.close();
});

const hour = 3_600_000;

const become = (status: TenantStatus): Promise<void> =>
  world.neighbours.change(world.broker, { entity: 'tenant', id: tenant, state: { status } });

test.each(['suspended', 'restricted'] as const)(
  'mail of a %s tenant waits unopened, that of others is delivered; lifting delivers it',
  async (status) => {
    const { peer, service } = await stage.startWith();
    const before = await world.send();
    await stage.firstEvent(before);
    await become(status);
    // The change is there within a second, and the control queue has an order: then this one is too.
    await eventually(
      async () => {
        const id = await world.send();
        const waits = await eventually(
          async () => {
            const isStored = (await world.open()).some(({ _id }) => _id === id);
            if (!isStored && world.eventsOf(id).length === 0) throw new Error('No outcome yet');
            return isStored;
          },
          { every: 20 },
        );
        expect(waits).toBe(true);
      },
      { every: 0 },
    );
    const received = peer.received.length;
    const id = await world.send();
    const ofOther = await world.send({ tenant: other });
    await stage.firstEvent(ofOther);
    await eventually(async () => expect((await world.open()).map(({ _id }) => _id)).toContain(id));
    const waiting = (await world.open()).find(({ _id }) => _id === id);
    // It was not opened: its recipients are not known.
    expect(waiting).toMatchObject({ state: 'ready', unfinishedHandlings: 0 });
    expect(waiting).not.toHaveProperty('recipients');
    expect(world.eventsOf(id)).toEqual([]);
    expect(peer.received.length).toBe(received + 1);
    const reason = 'tenant_stopped';
    expect(await service.metric('mysmtp_delivery_postponed_total', { reason })).toBeGreaterThan(0);

    await become('active');
    expect(await stage.firstEvent(id)).toMatchObject({ status: 'delivered' });
    await eventually(async () => expect(await world.open()).toEqual([]));
  },
);

test('mail that waits for a retry is not tried while its tenant is suspended, and not bounced when it expires', async () => {
  let refusals = 0;
  const script = {
    onRcpt: () => {
      refusals += 1;
      return { code: 451, text: '4.7.1 Not now' };
    },
  } as const;
  const { service } = await stage.startWith(script, {
    retryFirst: 200,
    retryMax: 400,
    expiry: hour,
  });
  const id = await world.send();
  await eventually(() => expect(refusals).toBeGreaterThan(0));
  await become('suspended');
  const reason = 'tenant_stopped';
  const postponed = () => service.metric('mysmtp_delivery_postponed_total', { reason });
  await eventually(async () => expect(await postponed()).toBeGreaterThan(0));
  const [before, postponedBefore] = [refusals, await postponed()];
  // It is due, and has lived longer than it may.
  service.clock.ahead += 2 * hour;
  await eventually(async () => expect(await postponed()).toBeGreaterThan(postponedBefore));
  expect(refusals).toBe(before);
  expect(world.eventsOf(id).map(({ status }) => status)).not.toContain('expired');
  expect((await world.open()).map(({ kind }) => kind)).toEqual(['message']);
  // It has expired meanwhile, so its sender gets a DSN now.
  await become('active');
  await eventually(() =>
    expect(world.eventsOf(id).map(({ status }) => status)).toContain('expired'),
  );
});

/** Receives broadcasts as a process of ingress does. */
async function listen(
  bindings: readonly QueueBinding[],
  handle: (content: Buffer) => void,
): Promise<void> {
  const log = createLogger('ingress', 'error', { write: () => undefined });
  const broker = openBroker({ url: world.broker.url, service: 'ingress', log });
  stage.cleanup.defer(() => broker.close());
  const control = openControl(broker);
  stage.cleanup.defer(() => control.close());
  stage.cleanup.defer(control.subscribe({ bindings, handle: ({ content }) => handle(content) }));
  await eventually(() => expect(control.isUp()).toBe(true));
}

test('delivery broadcasts how much mail of a credential was delivered and bounced', async () => {
  const told: CredentialOutcomes['outcomes'] = [];
  await listen(
    broadcasts.credentialOutcomes,
    (content) => void told.push(...(readContent(CredentialOutcomes, content)?.outcomes ?? [])),
  );
  await stage.startWith({
    onRcpt: (to) => (to.startsWith('no') ? { code: 550, text: '5.1.1 Nobody' } : 'accept'),
  });
  await world.send({ to: ['yes@a.test', 'no@a.test', 'also@a.test'], credential: 'c1' });
  await world.send({ to: ['no@a.test'], credential: 'c1' });
  // Without a credential, as from the release before.
  await world.send({ to: ['no@a.test'] });
  await eventually(() => {
    const sum = (of: 'delivered' | 'bounced') => told.reduce((all, one) => all + one[of], 0);
    expect([sum('delivered'), sum('bounced')]).toEqual([2, 2]);
  });
  expect(new Set(told.map((one) => `${one.tenant} ${one.credential}`))).toEqual(
    new Set([`${tenant} c1`]),
  );
});

test('delivery broadcasts each row with a newer state, intermediate or final, and no other', async () => {
  const told: string[] = [];
  await listen(
    broadcasts.rowsPublished,
    (content) => void told.push(...(readContent(RowsPublished, content)?.rows ?? [])),
  );
  await stage.startWith({
    onRcpt: (to) => (to.startsWith('later') ? { code: 451, text: '4.7.1 Later' } : 'accept'),
  });
  const first = await world.send({ to: ['yes@a.test', 'later@a.test'] });
  const second = await world.send({ to: ['yes@a.test'] });
  await eventually(() => expect(told).toHaveLength(3));
  expect(new Set(told)).toEqual(new Set([`${first}:0`, `${first}:1`, `${second}:0`]));
});
