import { bouncesBeforeThrottle } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { expect, test } from 'vitest';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStackTo } from '../kit/common-stack.ts';
import { newCustomer } from '../kit/customers.ts';
import { testMessage } from '../kit/load.ts';

const { description } = commonStackTo({
  onRcpt: (to) => (to.startsWith('nobody') ? { code: 550, text: '5.1.1 No such user' } : 'accept'),
});

/** Mail of a new customer, to so many recipients who exist and so many who do not, until all is final. */
async function send(name: string, existing: number, unknown: number): Promise<string> {
  const domain = `${name}.${description().tenant.domain}`;
  const customer = await newCustomer(description(), { name, domain, owner: `owner@${domain}` });
  const from = `hello@${domain}`;
  const session = await eventually(() => openSession(description(), customer.credential), {
    every: 500,
  });
  const to = [
    ...Array.from({ length: existing }, (_, n) => `somebody-${String(n)}@example.net`),
    ...Array.from({ length: unknown }, (_, n) => `nobody-${String(n)}@example.net`),
  ];
  for (let at = 0; at < to.length; at += 50) {
    const some = to.slice(at, at + 50);
    const { message } = testMessage(from, some, 500);
    expect((await session.submit(from, some, message)).code).toBe(250);
  }
  session.quit();
  const tenant = { id: customer.id, domain, ownerToken: customer.ownerToken };
  await eventually(async () => {
    const bounced = await usageLog({ ...description(), tenant }, { status: 'bounced' });
    expect(bounced).toHaveLength(unknown);
  });
  return customer.ownerToken;
}

async function rulesFor(token: string): Promise<string[]> {
  const { status, body } = await call(`${description().api.logging}/v1/findings`, token);
  expect(status).toBe(200);
  return (body as { findings: { rule: string }[] }).findings.map(({ rule }) => rule);
}

test('a credential with more than a hundred bounces in a day, and one with a few less', async () => {
  const few = await send('few', 20, bouncesBeforeThrottle - 5);
  const many = await send('many', 20, bouncesBeforeThrottle + 5);
  await eventually(async () => expect(await rulesFor(many)).toEqual(['sending-bounces']));
  expect(await rulesFor(few)).toEqual([]);
});
