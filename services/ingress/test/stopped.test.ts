import { createHash } from 'node:crypto';
import type { SomeLimits, TenantStatus } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient, type RawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await world.consume();
  await world.start();
});
afterAll(() => world.close());

const become = ({ tenant }: Account, status: TenantStatus, limits?: SomeLimits): Promise<void> =>
  world.neighbours.change(world.broker, {
    entity: 'tenant',
    id: tenant,
    state: { status, ...(limits !== undefined && { limits }) },
  });

/** A change of identity reaches every process within this time. Milliseconds. */
const within = { timeout: 1_000, every: 20 };

async function login({ username, password }: Account): Promise<string> {
  const client = await openRawClient(world.config.starttlsPort);
  const { text } = await client.login(world.ca, username, password);
  client.destroy();
  return text;
}

const send = (client: RawClient, { domain }: Account) => {
  const from = `a@${domain}`;
  return submit(client, from, ['b@example.net'], message(from));
};

test.each([
  ['suspended', /^525 5\.7\.13 An operator has suspended this account/],
  ['restricted', /^525 5\.7\.13 An operator has restricted the use/],
] as const)(
  'a %s tenant cannot submit within a second, in open sessions too, until it is lifted',
  async (status, reply) => {
    const account = await world.account();
    const client = await world.session(account);
    expect((await send(client, account)).code).toBe(250);
    await become(account, status);
    await eventually(async () => expect(await login(account)).toMatch(reply), within);
    expect((await client.say(`MAIL FROM:<a@${account.domain}>`)).text).toMatch(reply);
    await client.closed();
    // Who does not have the password does not learn it.
    expect(await login({ ...account, password: 'wrong' })).toMatch(/^535 5\.7\.8 /);
    await become(account, 'active');
    await eventually(async () => expect(await login(account)).toMatch(/^235 /), within);
    const again = await world.session(account);
    expect((await send(again, account)).code).toBe(250);
    again.destroy();
  },
);

test('a message whose tenant is suspended before its end is refused', async () => {
  const account = await world.account();
  const client = await world.session(account);
  await client.say(`MAIL FROM:<a@${account.domain}>`);
  await client.say('RCPT TO:<b@example.net>');
  await client.say('DATA');
  await become(account, 'suspended');
  await eventually(async () => expect(await login(account)).toMatch(/^525 /), within);
  client.write(message(`a@${account.domain}`));
  expect((await client.say('.')).text).toMatch(
    /^525 5\.7\.13 An operator has suspended this account/,
  );
  expect(world.taken.filter(({ headers }) => headers.tenant === account.tenant)).toEqual([]);
  client.destroy();
});

test('a suspended credential cannot submit; lifting restores it', async () => {
  const account = await world.account();
  const { tenant, credential: id, username, password } = account;
  const secretHash = createHash('sha256').update(password).digest('base64url');
  const state = { kind: 'password', tenant, username, secretHash } as const;
  const change = (more: object) =>
    world.neighbours.change(world.broker, {
      entity: 'credential',
      id,
      state: { ...state, ...more },
    });
  await change({ suspended: true });
  await eventually(
    async () =>
      expect(await login(account)).toMatch(
        /^525 5\.7\.13 An operator has suspended this credential/,
      ),
    within,
  );
  await change({});
  await eventually(async () => expect(await login(account)).toMatch(/^235 /), within);
});
