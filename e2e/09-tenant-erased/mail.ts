import type { StackDescription } from '@mysmtp/local-stack';
import { eventually, startPeer, type Peer } from '@mysmtp/test-kit';
import { expect } from 'vitest';
import { call } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import type { Customer } from '../kit/customers.ts';
import { ascii, secrets } from './secrets.ts';

/** The receiver of all mail: it accepts some, defers some and refuses some. */
export const startReceiver = (): Promise<Peer> =>
  startPeer({
    onRcpt: (to) => {
      if (to.startsWith('spaeter')) return { code: 451, text: `4.7.1 Not now for ${to}` };
      return to.startsWith('niemand') ? { code: 550, text: `5.1.1 No ${to} here` } : 'accept';
    },
  });

/**
 * Sends mail of the customer that is delivered, deferred, bounced and large, and waits for these results;
 * returns its ids.
 */
export async function sendOfEveryKind(
  description: StackDescription,
  customer: Customer,
): Promise<string[]> {
  const session = await eventually(() => openSession(description, customer.credential), {
    every: 500,
  });
  for (const [to, size] of [
    [secrets.recipient, 1_000],
    [secrets.deferred, 1_000],
    [secrets.bounced, 1_000],
    [secrets.recipient, 400_000],
    [secrets.deferred, 400_000],
  ] as const) {
    const answer = await session.submit(secrets.sender, [ascii(to)], letter(to, size));
    expect(answer.text).toMatch(/^250 /);
  }
  session.quit();
  return eventually(async () => {
    const { body } = await call(`${description.api.logging}/v1/messages`, customer.ownerToken);
    const { messages } = body as { messages: { id: string; status: string }[] };
    const wanted = ['bounced', 'deferred', 'deferred', 'delivered', 'delivered'];
    expect(messages.map(({ status }) => status).toSorted()).toEqual(wanted);
    return messages.map(({ id }) => id);
  });
}

function letter(to: string, size: number): string {
  return [
    `From: "${secrets.name}" <${secrets.sender}>`,
    // A UTF-8 local part in the header would need SMTPUTF8; it is in the body.
    `To: <${ascii(to)}>`,
    `Subject: ${secrets.subject}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    `${to}\r\n${secrets.body}\r\n${'0123456789abcdef\r\n'.repeat(size / 18)}`,
  ].join('\r\n');
}
