import { randomUUID } from 'node:crypto';
import type { StackDescription } from '@mysmtp/local-stack';
import { eventually, type PeerScript } from '@mysmtp/test-kit';
import { expect } from 'vitest';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { newCustomer } from '../kit/customers.ts';
import { askErasure, erasureReaches } from '../kit/erasures.ts';
import { testMessage } from '../kit/load.ts';

/** A receiver that accepts, defers or refuses by the recipient's name. */
export const receiver: PeerScript = {
  onRcpt: (to) => {
    if (to.startsWith('later')) return { code: 451, text: '4.7.1 Not now' };
    return to.startsWith('never') ? { code: 550, text: '5.1.1 Nobody' } : 'accept';
  },
};

const outcomes = { reader: 'delivered', later: 'deferred', never: 'bounced' } as const;

/** Mail with every result, and a refused message. */
export async function sendMail(description: StackDescription): Promise<void> {
  const { from } = description.credential;
  const session = await openSession(description);
  for (const name of Object.keys(outcomes)) {
    const to = [`${name}-${randomUUID()}@example.net`];
    expect((await session.submit(from, to, testMessage(from, to, 2_000).message)).code).toBe(250);
  }
  const stranger = 'x@elsewhere.example';
  const { message } = testMessage(stranger, ['reader@example.net'], 100);
  expect((await session.submit(stranger, ['reader@example.net'], message)).code).toBe(550);
  session.quit();
  await eventually(async () => {
    const seen = new Set((await usageLog(description)).map(({ status }) => status));
    expect([...seen].toSorted()).toEqual(Object.values(outcomes).toSorted());
  });
}

/** A customer is created and erased. */
export async function eraseCustomer(description: StackDescription): Promise<void> {
  const domain = `${randomUUID().slice(0, 8)}.example`;
  const customer = await newCustomer(description, {
    name: 'Somebody',
    domain,
    owner: `o@${domain}`,
  });
  await call(`${description.api.identity}/v1/domains`, customer.ownerToken);
  const asked = await askErasure(description, customer.id);
  await erasureReaches(description, asked, 'completed_live');
}
