import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@mysmtp/test-kit';
import { beforeEach, expect, test } from 'vitest';
import { usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStackTo } from '../kit/common-stack.ts';
import { testMessage } from '../kit/load.ts';

let refuseReports = false;

const { facts, peer } = commonStackTo({
  onRcpt: (to) =>
    to.startsWith('nobody') || (refuseReports && to.startsWith('hello'))
      ? { code: 550, text: `5.1.1 ${to} is unknown here` }
      : 'accept',
});
beforeEach(() => {
  refuseReports = false;
  peer().received.length = 0;
});

async function send(from: string, to: readonly string[]): Promise<string> {
  const session = await openSession(facts());
  const { id, message } = testMessage(facts().credential.from, to, 2_000);
  expect((await session.submit(from, to, message)).code).toBe(250);
  session.quit();
  return id;
}

const statusOf = async (recipient: string) => {
  const rows = await usageLog(facts(), { recipient });
  return rows.map(({ status }) => status);
};

test('a 550 gives exactly one report, to the sender, from the null reverse-path', async () => {
  const id = await send(facts().credential.from, ['nobody-1@example.net']);
  const report = await eventually(() => {
    expect(peer().received).toHaveLength(1);
    return peer().received[0]!;
  });
  expect(report.from).toBe('');
  expect(report.to).toEqual([facts().credential.from]);
  const text = report.raw.toString();
  expect(text).toMatch(/Content-Type: multipart\/report;[^]*report-type="?delivery-status/i);
  expect(text).toMatch(/^Action: failed\r$/m);
  expect(text).toMatch(/^Status: 5\.1\.1\r$/m);
  expect(text).toMatch(/^Final-Recipient: rfc822; ?nobody-1@example\.net\r$/m);
  expect(text).toContain(id);
  await eventually(async () => expect(await statusOf('nobody-1@example.net')).toEqual(['bounced']));
  await sleep(2_000);
  expect(peer().received).toHaveLength(1);
});

test('the others still get the message, and the report names only who did not', async () => {
  await send(facts().credential.from, ['nobody-2@example.net', 'reader-2@example.net']);
  await eventually(() => expect(peer().received).toHaveLength(2));
  const report = peer().received.find(({ from }) => from === '');
  const message = peer().received.find(({ from }) => from !== '');
  expect(message?.to).toEqual(['reader-2@example.net']);
  expect(report?.raw.toString().match(/^Final-Recipient:.*$/gm)).toHaveLength(1);
  expect(report?.raw.toString()).toContain('nobody-2@example.net');
});

test('never a report to the null reverse-path', async () => {
  await send('', ['nobody-3@example.net']);
  await eventually(async () => expect(await statusOf('nobody-3@example.net')).toEqual(['bounced']));
  await sleep(2_000);
  expect(peer().received).toEqual([]);
});

async function undeliverableReports(): Promise<number> {
  const metrics = await (await fetch(`${facts().operations.delivery}/metrics`)).text();
  const counter = /^mysmtp_delivery_reports_total\{outcome="undeliverable".*\} (\d+)$/m;
  return Number(counter.exec(metrics)?.[1] ?? 0);
}

test('a report that is refused itself is dropped and counted', async () => {
  const before = await undeliverableReports();
  refuseReports = true;
  await send(facts().credential.from, ['nobody-4@example.net']);
  await eventually(async () => expect(await undeliverableReports()).toBe(before + 1));
  expect(peer().received).toEqual([]);
});
