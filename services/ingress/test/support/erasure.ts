import { randomBytes } from 'node:crypto';
import { followErasures, type Erasures } from '@mysmtp/test-kit';
import { expect } from 'vitest';
import type { RawClient } from './client.ts';
import { message, submit } from './submit.ts';
import type { Account } from './accounts.ts';
import type { World } from './world.ts';

/** Erasures in this world, controlled as by privacy. */
export const follow = ({ broker, neighbours }: World): Promise<Erasures> =>
  followErasures({
    broker,
    service: 'ingress',
    keys: neighbours.serviceKeys,
    fences: neighbours.fences,
  });

export const addressOf = ({ domain }: Account): string => `a@${domain}`;

export const send = (client: RawClient, account: Account, body?: string) =>
  submit(client, addressOf(account), ['b@example.net'], message(addressOf(account), [], body));

export async function beginData(client: RawClient, account: Account): Promise<void> {
  await client.say(`MAIL FROM:<${addressOf(account)}>`);
  await client.say('RCPT TO:<b@example.net>');
  expect((await client.say('DATA')).code).toBe(354);
}

/** Lines of random text. */
export const text = (octets: number): string =>
  `${(
    randomBytes(octets / 2)
      .toString('hex')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n')}\r\n`;
