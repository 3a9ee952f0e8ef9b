import { randomUUID } from 'node:crypto';
import { hashToken } from '@mysmtp/http';
import { hour, type SomeLimits } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let account: Account;
let token: string;
let from: string;

beforeEach(async () => {
  world = await openWorld();
  // In the middle of an hour, so that no window ends during a test.
  world.now = Date.UTC(2026, 10, 30, 10, 30);
  account = await world.account();
  from = `a@${account.domain}`;
  token = randomUUID();
  const state = { role: 'owner', tenant: account.tenant, hash: hashToken(token) } as const;
  world.neighbours.know({ entity: 'token', id: randomUUID(), state });
  await world.consume();
});
afterEach(() => world.close());

interface Use {
  readonly limit: string;
  readonly max: number;
  readonly used: number;
  readonly resetsAt: string;
}
interface Usage {
  readonly usage: readonly Use[];
  readonly credentials: readonly { readonly id: string; readonly usage: readonly Use[] }[];
}

async function usage(): Promise<Usage> {
  const response = await fetch(`http://127.0.0.1:${String(world.config.apiPort)}/v1/usage`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Usage;
}

const useOf = async (limit: string): Promise<Use | undefined> =>
  (await usage()).usage.find((use) => use.limit === limit);

/** The tenant's limits, before the service starts. */
function limit(limits: SomeLimits): void {
  const state = { status: 'active', limits } as const;
  world.neighbours.know({ entity: 'tenant', id: account.tenant, state });
}

const to = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `b${String(n)}@example.net`);

test('mail above a limit gets a reply with the limit and its end, until the end', async () => {
  limit({ messagesPerHour: 3 });
  await world.start();
  const client = await world.session(account);
  for (let n = 0; n < 3; n += 1) {
    expect((await submit(client, from, to(1), message(from))).code).toBe(250);
  }
  expect((await client.say(`MAIL FROM:<${from}>`)).text).toBe(
    '451 4.7.1 The limit of messages in an hour (3) is reached for this account, try again after 2026-11-30T11:00Z',
  );
  expect(await world.metric('mysmtp_smtp_refusals_total')).toContain(
    'code="451",reason="messagesPerHourLimit"} 1',
  );
  world.now = (world.now ?? 0) + hour;
  expect((await submit(client, from, to(1), message(from))).code).toBe(250);
  client.destroy();
});

test('the limit of a credential does not stop the other credentials of the tenant', async () => {
  limit({ credentialMessagesPerHour: 1 });
  await world.start();
  const client = await world.session(account);
  expect((await submit(client, from, to(1), message(from))).code).toBe(250);
  expect((await submit(client, from, to(1), message(from))).text).toMatch(
    /^451 4\.7\.1 The limit of messages in an hour \(1\) is reached for this credential, /,
  );
  client.destroy();
  // A client without AUTH, from the network of the same tenant.
  await world.network(account, '127.0.0.0/8');
  const other = await eventually(async () => {
    const opened = await openRawClient(world.config.networkPort ?? 0);
    expect(opened.greeting.code).toBe(220);
    return opened;
  });
  await other.say('EHLO client.example.net');
  expect((await submit(other, from, to(1), message(from))).code).toBe(250);
  other.destroy();
});

test('recipients and octets are limited; what never passes is refused with 5yz', async () => {
  limit({ recipientsPerHour: 4, octetsPerDay: 10_000 });
  await world.start();
  const client = await world.session(account);
  expect((await client.say(`MAIL FROM:<${from}> SIZE=10001`)).text).toMatch(/^552 5\.3\.4 /);
  const long = 'x'.repeat(900);
  const big = message(from, [], `${long}\r\n`.repeat(12));
  expect((await submit(client, from, to(1), big)).text).toMatch(/^552 5\.3\.4 /);
  expect((await submit(client, from, to(3), message(from))).code).toBe(250);
  expect((await submit(client, from, to(2), message(from))).text).toMatch(
    /^451 4\.7\.1 The limit of recipients in an hour \(4\) is reached for this account, /,
  );
  await client.say('RSET');
  expect((await submit(client, from, to(5), message(from))).text).toMatch(/^451 4\.7\.1 /);
  await client.say('RSET');
  // Nothing that was refused is counted.
  expect(await useOf('recipientsPerHour')).toMatchObject({ used: 3, max: 4 });
  client.destroy();
});

test('a message that is refused for another reason is not counted', async () => {
  limit({ messagesPerHour: 1 });
  await world.start();
  const client = await world.session(account);
  const foreign = message('a@foreign.example.org');
  expect((await submit(client, from, to(1), foreign)).text).toMatch(/^550 5\.7\.1 /);
  expect((await submit(client, from, to(1), message(from))).code).toBe(250);
  client.destroy();
});

test('connections of a tenant are limited, and a closed one makes room', async () => {
  limit({ connections: 2 });
  await world.start();
  const first = await world.session(account);
  const second = await world.session(account);
  await expect(world.session(account)).rejects.toThrow('421 4.7.0 Too many connections of this');
  first.destroy();
  const third = await world.session(account);
  for (const client of [second, third]) client.destroy();
}, 30_000);

test('counts survive a restart, and the owner reads them', async () => {
  limit({ messagesPerMonth: 2 });
  await world.start();
  const client = await world.session(account);
  for (let n = 0; n < 2; n += 1) {
    expect((await submit(client, from, to(3), message(from))).code).toBe(250);
  }
  client.destroy();
  await world.stop();
  await world.start();
  const again = await world.session(account);
  expect((await again.say(`MAIL FROM:<${from}>`)).text).toMatch(
    /^451 4\.7\.1 The limit of messages in a month \(2\) is reached for this account, .* 2026-12-01T00:00Z/,
  );
  again.destroy();
  const shown = await usage();
  expect(shown.usage).toContainEqual({
    limit: 'messagesPerMonth',
    max: 2,
    used: 2,
    resetsAt: '2026-12-01T00:00:00.000Z',
  });
  expect(shown.usage).toHaveLength(9);
  const [credential] = shown.credentials;
  expect(credential?.id).toBe(account.credential);
  expect(credential?.usage).toContainEqual(
    expect.objectContaining({ limit: 'credentialRecipientsPerHour', used: 6 }),
  );
});

test('identity is told once at 80 and once at 100 percent of a day, also after it was away', async () => {
  limit({ messagesPerDay: 5 });
  await world.start();
  world.neighbours.away.add('identity');
  const told = () =>
    world.lines
      .filter(({ event }) => event === 'quota.reached')
      .map(({ limit: name, percent, tenant }) => ({ name, percent, tenant }));
  const client = await world.session(account);
  const name = 'messagesPerDay';
  const { tenant } = account;
  for (let n = 0; n < 4; n += 1) await submit(client, from, to(1), message(from));
  await eventually(() =>
    expect(world.lines.map(({ event }) => event)).toContain('quota.not_reported'),
  );
  expect(told()).toEqual([]);
  // Nothing more is sent until it is back.
  world.neighbours.away.clear();
  await eventually(() => expect(told()).toEqual([{ name, percent: 80, tenant }]));
  expect((await submit(client, from, to(1), message(from))).code).toBe(250);
  await eventually(() => expect(told()).toHaveLength(2));
  // Refused, which reads the counts again.
  await submit(client, from, to(1), message(from));
  client.destroy();
  await world.stop();
  expect(told()).toEqual([
    { name, percent: 80, tenant },
    { name, percent: 100, tenant },
  ]);
  const window = { about: 'limit', limit: name, max: 5, end: Date.UTC(2026, 11, 1), tenant };
  expect(world.neighbours.quotaReports).toEqual([
    { ...window, percent: 80 },
    { ...window, percent: 100 },
  ]);
});

test('a changed limit takes effect in an open session', async () => {
  await world.start();
  const client = await world.session(account);
  expect((await submit(client, from, to(1), message(from))).code).toBe(250);
  const state = { status: 'active', limits: { messagesPerHour: 1 } } as const;
  await world.neighbours.change(world.broker, { entity: 'tenant', id: account.tenant, state });
  await eventually(async () => {
    const reply = await client.say(`MAIL FROM:<${from}>`);
    await client.say('RSET');
    expect(reply.code).toBe(451);
  });
  client.destroy();
});
