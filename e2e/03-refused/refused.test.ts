import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@mysmtp/test-kit';
import { beforeEach, expect, test } from 'vitest';
import { usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStackTo } from '../kit/common-stack.ts';
import { testMessage } from '../kit/load.ts';

let refuseDsns = false;

const { description, peer } = commonStackTo({
  onRcpt: (to) =>
    to.startsWith('nobody') || (refuseDsns && to.startsWith('hello'))
      ? { code: 550, text: `5.1.1 ${to} is unknown here` }
      : 'accept',
});
/** The mail of this scenario, without what an earlier one has left. */
const received = () => {
  const ours = ['reader-2@example.net', description().credential.from];
  return peer().received.filter(({ to }) => to.some((one) => ours.includes(one)));
};
beforeEach(() => {
  refuseDsns = false;
  peer().received.length = 0;
});

async function send(from: string, to: readonly string[]): Promise<string> {
  const session = await openSession(description());
  const { id, message } = testMessage(description().credential.from, to, 2_000);
  expect((await session.submit(from, to, message)).code).toBe(250);
  session.quit();
  return id;
}

const statusOf = async (recipient: string) => {
  const rows = await usageLog(description(), { recipient });
  return rows.map(({ status }) => status);
};

test('a 550 results in exactly one DSN, to the sender, from the null reverse-path', async () => {
  const id = await send(description().credential.from, ['nobody-1@example.net']);
  const dsn = await eventually(() => {
    expect(received()).toHaveLength(1);
    return received()[0]!;
  });
  expect(dsn.from).toBe('');
  expect(dsn.to).toEqual([description().credential.from]);
  const text = dsn.raw.toString();
  expect(text).toMatch(/Content-Type: multipart\/report;[^]*report-type="?delivery-status/i);
  expect(text).toMatch(/^Action: failed\r$/m);
  expect(text).toMatch(/^Status: 5\.1\.1\r$/m);
  expect(text).toMatch(/^Final-Recipient: rfc822; ?nobody-1@example\.net\r$/m);
  expect(text).toContain(id);
  await eventually(async () => expect(await statusOf('nobody-1@example.net')).toEqual(['bounced']));
  await sleep(2_000);
  expect(received()).toHaveLength(1);
});

test('the other recipients get the message, and the DSN names only the failed one', async () => {
  await send(description().credential.from, ['nobody-2@example.net', 'reader-2@example.net']);
  await eventually(() => expect(received()).toHaveLength(2));
  const dsn = received().find(({ from }) => from === '');
  const message = received().find(({ from }) => from !== '');
  expect(message?.to).toEqual(['reader-2@example.net']);
  expect(dsn?.raw.toString().match(/^Final-Recipient:.*$/gm)).toHaveLength(1);
  expect(dsn?.raw.toString()).toContain('nobody-2@example.net');
});

test('no DSN is sent to the null reverse-path', async () => {
  await send('', ['nobody-3@example.net']);
  await eventually(async () => expect(await statusOf('nobody-3@example.net')).toEqual(['bounced']));
  await sleep(2_000);
  expect(received()).toEqual([]);
});

async function undeliverableDsns(): Promise<number> {
  const metrics = await (await fetch(`${description().operations.delivery}/metrics`)).text();
  const counter = /^mysmtp_delivery_dsns_total\{outcome="undeliverable".*\} (\d+)$/m;
  return Number(counter.exec(metrics)?.[1] ?? 0);
}

test('a DSN that is refused itself is dropped and counted', async () => {
  const before = await undeliverableDsns();
  refuseDsns = true;
  await send(description().credential.from, ['nobody-4@example.net']);
  await eventually(async () => expect(await undeliverableDsns()).toBe(before + 1));
  expect(received()).toEqual([]);
});
