import { day } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startService } from './service.ts';

let service: Awaited<ReturnType<typeof startService>>;

beforeAll(async () => {
  service = await startService(['t1', 't2']);
  await eventually(async () => expect((await service.call('t1', '/v1/messages')).status).toBe(200));
});
afterAll(() => service.close());

async function retention(tenant: string, usageLogDays?: unknown) {
  const response = await fetch(`${service.apiUrl}/v1/retention`, {
    method: usageLogDays === undefined ? 'GET' : 'PUT',
    headers: { authorization: `Bearer owner-of-${tenant}`, 'content-type': 'application/json' },
    ...(usageLogDays !== undefined && { body: JSON.stringify({ usageLogDays }) }),
  });
  return { status: response.status, body: await response.json() };
}

const shown = async (tenant: string) => (await service.call(tenant, '/v1/messages')).body.messages;

test('a tenant chooses between 0 and 30 days, for itself only, and what is older is not shown any more', async () => {
  expect(await retention('t1')).toEqual({ status: 200, body: { usageLogDays: 7 } });
  const at = service.clock.now() - 3 * day;
  for (const tenant of ['t1', 't2']) {
    await service.publish({ v: 1, events: [service.delivered(tenant, { at })] });
    await eventually(async () => expect(await shown(tenant)).toHaveLength(1));
  }
  for (const wrong of [-1, 31, 1.5, '7', null]) {
    expect([wrong, (await retention('t1', wrong)).status]).toEqual([wrong, 400]);
  }
  expect(await retention('t1', 2)).toEqual({ status: 200, body: { usageLogDays: 2 } });
  expect(await retention('t1')).toEqual({ status: 200, body: { usageLogDays: 2 } });
  expect(await retention('t2')).toEqual({ status: 200, body: { usageLogDays: 7 } });
  expect(await shown('t1')).toEqual([]);
  expect(await shown('t2')).toHaveLength(1);
});

test('the choice is an entry of the audit chain', async () => {
  expect((await retention('t2', 30)).status).toBe(200);
  await eventually(async () => {
    const { body } = await service.call('t2', '/v1/audit/entries?type=act');
    const { entries } = body as unknown as { entries: { payload: string }[] };
    const acts = entries.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
    expect(acts).toMatchObject([{ operation: 'setRetention', reason: 'usage_log_days_30' }]);
  });
});
