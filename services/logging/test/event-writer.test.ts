import { finalRevision } from '@mysmtp/contracts';
import { eventually, proxyTo, type Proxy } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { purgePersonRows } from '../src/messages/delete-rows.ts';
import { event, later } from './events.ts';
import { openStore, week, type Store } from './store.ts';

let proxy: Proxy;
let store: Store;

beforeEach(async () => {
  store = await openStore(async (url) => {
    proxy = await proxyTo(url);
    return proxy.url;
  });
});

afterEach(async () => {
  await store.close();
  await proxy.close();
});

test('an accepted and finished message is one row with the complete state', async () => {
  const accepted = event({ tenant: 't', senderIndex: 's', recipientIndex: 'r', n: 3 });
  const delivered = later(accepted, 'delivered');
  const intake = store.intake();
  expect(await Promise.all([intake.add([accepted]), intake.add([delivered])])).toEqual([
    true,
    true,
  ]);
  const [row, ...others] = await store.rows();
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    _id: `${accepted.id}:3`,
    tenant: 't',
    status: 'delivered',
    rev: finalRevision,
    acceptedAt: new Date(accepted.acceptedAt),
    nextAttemptAt: null,
    senderIndex: 's',
    recipientIndex: 'r',
  });
  expect(Buffer.from(row?.details?.value() ?? []).toString('base64')).toBe(delivered.details);
  expect(row?.attempts?.map((one) => Buffer.from(one.value()).toString('base64'))).toEqual(
    delivered.attempts,
  );
});

test('a row that the erasure of a person has removed is written again by a later state without the person', async () => {
  const intake = store.intake();
  const [gone, stays] = [event({ recipientIndex: 'r' }), event({ recipientIndex: 'other' })];
  await intake.add([later(gone, 'deferred', 1), later(stays, 'deferred', 1)]);
  await purgePersonRows(store.days, { person: 'r', canary: undefined }, async () => undefined);
  await intake.add([
    { ...later(gone, 'cancelled'), recipientIndex: '' },
    later(stays, 'delivered'),
  ]);
  const rows = await store.rows();
  expect(rows.map(({ recipientIndex, status }) => [recipientIndex, status])).toEqual(
    expect.arrayContaining([
      ['', 'cancelled'],
      ['other', 'delivered'],
    ]),
  );
  expect(rows).toHaveLength(2);
});

test.each(['one process', 'two processes'])(
  'in any order and number of events to %s, a row ends at its greatest revision',
  async (processes) => {
    const first = store.intake();
    const second = processes === 'one process' ? first : store.intake();
    const accepted = event();
    const states = [accepted, later(accepted, 'deferred', 1), later(accepted, 'delivered')];
    for (const [at, order] of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
      [2, 2, 1, 1, 0, 0],
    ].entries()) {
      for (const [turn, index] of order.entries()) {
        const state = states[index] ?? accepted;
        const intake = turn % 2 === 0 ? first : second;
        // The second process has no cache of the first one's writes.
        await intake.add([{ ...state, id: accepted.id, n: at }]);
      }
    }
    const rows = await store.rows();
    expect(rows.map(({ status, rev }) => `${status} ${String(rev)}`)).toEqual(
      Array.from({ length: 7 }, () => `delivered ${String(finalRevision)}`),
    );
  },
);

test('rows go to the day of acceptance of their message', async () => {
  const today = store.clock.now();
  const yesterday = today - 86_400_000;
  await store.intake().add([event({ at: today }), event({ at: yesterday })]);
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  expect(await store.days.days()).toEqual([day(yesterday), day(today)]);
});

test('an event of a day that retention has dropped is accepted, counted and not written', async () => {
  const intake = store.intake();
  expect(await intake.add([event({ at: store.clock.now() - week - 1 })])).toBe(true);
  expect(await store.rows()).toEqual([]);
  expect(await store.count('expired')).toBe(1);
});

test('a state that is known to be durable is counted and costs nothing', async () => {
  const intake = store.intake();
  const delivered = later(event(), 'delivered');
  await intake.add([delivered]);
  await intake.add([delivered, { ...delivered, rev: 0, status: 'accepted' }]);
  expect(await store.count('duplicate')).toBe(2);
  expect(await store.count('written')).toBe(1);
});

test('a state that is older than the one that is being written is counted and costs nothing', async () => {
  const intake = store.intake();
  const accepted = event();
  const commands: string[] = [];
  let older: Promise<boolean> | undefined;
  store.connection.getClient().on('commandStarted', ({ commandName }) => {
    commands.push(commandName);
    if (commandName === 'insert') older ??= intake.add([accepted]);
  });
  await intake.add([later(accepted, 'delivered')]);
  expect(await older).toBe(true);
  // A row that waits would be written with the next one.
  store.clock.time += 60_000;
  await intake.add([later(event(), 'delivered')]);
  expect(await store.count('duplicate')).toBe(1);
  expect(await store.count('written')).toBe(2);
  expect(commands).not.toContain('update');
});

test('thousands of rows need few writes', async () => {
  const intake = store.intake();
  const events = Array.from({ length: 5_000 }, () => later(event(), 'delivered'));
  expect(await intake.add(events)).toBe(true);
  expect((await store.rows()).length).toBe(5_000);
  const batches = await store.metrics.getSingleMetric('mysmtp_usage_log_batch_rows')?.get();
  const count = batches?.values.find(
    (value) => 'metricName' in value && value.metricName === 'mysmtp_usage_log_batch_rows_count',
  );
  expect(count?.value).toBe(3);
});

test('while the database is down nothing is settled; afterwards everything is there', async () => {
  const intake = store.intake();
  await intake.add([event()]);
  proxy.cut();
  let settled = false;
  const adding = intake.add([later(event(), 'delivered')]).then((durable) => {
    settled = true;
    return durable;
  });
  await eventually(async () => {
    const failures = store.metrics.getSingleMetricAsString('mysmtp_usage_log_write_failures_total');
    expect(await failures).toMatch(/ [1-9]/);
  });
  expect(settled).toBe(false);
  proxy.mend();
  expect(await adding).toBe(true);
  expect((await store.rows()).length).toBe(2);
});

test('a service that stops while the database is down requeues its messages', async () => {
  const intake = store.intake();
  await intake.add([event()]);
  proxy.cut();
  const adding = Promise.all([intake.add([event()]), intake.add([later(event(), 'delivered')])]);
  intake.finish();
  expect(await adding).toEqual([false, false]);
  proxy.mend();
});

test('a service that stops does not wait for newer states', async () => {
  const intake = store.intake(1_000);
  const adding = intake.add([event()]);
  intake.finish();
  expect(await adding).toBe(true);
});
