import { createHash } from 'node:crypto';
import { minute, type StateOf } from '@mysmtp/contracts';
import { addressIndex, domainIndex, seal } from '@mysmtp/seal';
import { eventually } from '@mysmtp/test-kit';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient, type RawClient, type Reply } from './support/client.ts';
import { openWorld, type World } from './support/world.ts';

type Limits = Partial<Extract<StateOf<'credential'>, { kind: 'password' }>>;

let world: World;
let account: Account;
let from: string;

beforeAll(async () => {
  world = await openWorld();
  await world.consume();
  await world.start();
});
beforeEach(async () => {
  world.now = undefined;
  account = await world.account();
  from = `shop@${account.domain}`;
});
afterAll(() => world.close());

const hash = (password: string) => createHash('sha256').update(password).digest('base64url');

async function limit(limits: Limits): Promise<void> {
  const { tenant, username, password, credential: id } = account;
  const state = { kind: 'password', tenant, username, secretHash: hash(password) } as const;
  const change = { entity: 'credential', id, state: { ...state, ...limits } } as const;
  await world.neighbours.change(world.broker, change);
}
const index = (text: string) => {
  const key = world.neighbours.keyOf(account.tenant, 'index');
  return text.includes('@') ? addressIndex(key, text) : domainIndex(key, text);
};
function networks(...cidrs: string[]): string {
  const { tenant, credential } = account;
  const context = { tenant, keyId: 'account', record: `credentials:${credential}:networks` };
  const key = world.neighbours.keyOf(tenant, 'account');
  return seal(key, context, Buffer.from(JSON.stringify(cidrs))).toString('base64');
}
async function login(password = account.password, address?: string): Promise<[RawClient, Reply]> {
  const { starttlsPort } = world.config;
  const client = await openRawClient(starttlsPort, address === undefined ? {} : { from: address });
  return [client, await client.login(world.ca, account.username, password)];
}
async function submit(
  client: RawClient,
  sender: string,
  author = sender,
  more = '',
): Promise<Reply> {
  const mail = await client.say(`MAIL FROM:<${sender}>`);
  if (mail.code !== 250) return mail;
  await client.say('RCPT TO:<reader@example.net>');
  await client.say('DATA');
  client.write(`From: <${author}>\r\nSubject: x\r\n\r\n${more}x\r\n.\r\n`);
  return client.read();
}
/** Until the last change has arrived. */
const until = async (text: RegExp, act: () => Promise<Reply>) =>
  eventually(async () => expect((await act()).text).toMatch(text));
const tryLogin = async (password?: string, address?: string) => {
  const [client, reply] = await login(password, address);
  client.destroy();
  return reply;
};

test('a credential sends only from its pinned addresses and domains, in envelope and header', async () => {
  await limit({ senders: [index(from)] });
  const client = await world.session(account);
  const foreign = `other@${account.domain}`;
  await until(/^550 5\.7\.1 This credential may not send from this address/, () =>
    submit(client, foreign),
  );
  expect((await submit(client, from, foreign)).text).toMatch(
    /^550 5\.7\.1 This credential may not send with this address in From:/,
  );
  expect((await submit(client, from)).code).toBe(250);
  // The author of a bounce is in its header.
  expect((await submit(client, '', from)).code).toBe(250);
  expect((await submit(client, '', foreign)).code).toBe(550);
  // The local part may be case-sensitive, the domain is not.
  expect((await submit(client, from.replace('shop', 'Shop'))).code).toBe(550);
  expect((await submit(client, `shop@${account.domain.toUpperCase()}`)).code).toBe(250);

  await limit({ senders: [index(account.domain)] });
  await until(/^250 /, () => submit(client, foreign));
  // A pin gives no right to a domain of another tenant.
  await limit({ senders: [index('elsewhere.example')] });
  await until(/^550 /, () => submit(client, from));
  expect((await submit(client, 'a@elsewhere.example')).text).toMatch(/^550 5\.7\.1 The sender/);
  client.destroy();
});

test('a credential is used only from its networks, at AUTH and in open sessions', async () => {
  await limit({ networks: networks('127.0.0.2/32', '2001:db8::/32') });
  await until(/^535 5\.7\.1 This credential may not be used/, () => tryLogin());
  expect((await tryLogin(undefined, '127.0.0.2')).code).toBe(235);
  // Without the password a client does not learn that there are networks.
  expect((await tryLogin('wrong')).text).toMatch(/^535 5\.7\.8 /);
  const [client] = await login(undefined, '127.0.0.2');
  expect((await submit(client, from)).code).toBe(250);
  await limit({ networks: networks('127.0.0.1/32') });
  await until(/^550 5\.7\.1 .*any more/, () => submit(client, from));
  client.destroy();
  await until(/^235 /, () => tryLogin());
});

test('while its networks cannot be opened a credential is refused temporarily', async () => {
  world.neighbours.away.add('keys');
  await limit({ networks: networks('127.0.0.1/32') });
  await until(/^454 4\.7\.0 /, () => tryLogin());
  world.neighbours.away.delete('keys');
  await until(/^235 /, () => tryLogin());
});

test('mail of a sandboxed credential is accepted and logged, and nothing of it reaches delivery', async () => {
  await limit({ sandbox: true });
  const client = await world.session(account);
  const mongo = new MongoClient(world.database.url);
  const chunks = mongo.db().collection('spool.chunks');
  for (const more of ['', 'x'.repeat(70).concat('\r\n').repeat(4_000)]) {
    const reply = await eventually(async () => {
      const one = await submit(client, from, from, more);
      expect(one.text).toMatch(/^250 2\.0\.0 Ok: queued as /);
      const id = one.text.split(' ').at(-1);
      const event = await eventually(() => {
        const found = world.events.find((row) => row.id === id);
        if (found === undefined) throw new Error('No row yet');
        return found;
      });
      expect(event).toMatchObject({ status: 'sandboxed', tenant: account.tenant });
      return { id, event };
    });
    expect(world.detailsOf(reply.event).recipient).toBe('reader@example.net');
    expect(world.taken.filter(({ id }) => id === reply.id)).toEqual([]);
    expect(await chunks.countDocuments({ tenant: account.tenant })).toBe(0);
  }
  // What is refused otherwise is refused here, too.
  expect((await submit(client, 'a@elsewhere.example')).code).toBe(550);
  await mongo.close();
  client.destroy();
});

test('an expired credential is refused, and its open sessions end within a second', async () => {
  const expiresAt = Date.now() + minute;
  await limit({ expiresAt });
  const client = await world.session(account);
  expect((await submit(client, from)).code).toBe(250);
  const [second] = await login();
  world.now = expiresAt;
  expect((await second.read()).text).toMatch(/^421 4\.7\.0 This credential has expired/);
  expect((await client.read()).text).toMatch(/^421 4\.7\.0 /);
  await client.closed();
  expect((await tryLogin()).text).toMatch(/^535 5\.7\.8 /);
});

test('after a rotation both passwords are valid until the end of the overlap', async () => {
  (await world.session(account)).destroy();
  const end = Date.now() + minute;
  await limit({ secretHash: hash('new'), previous: { secretHash: hash('old'), until: end } });
  // Until the change arrives this succeeds, so it fails once. Ten failures would be throttled.
  await until(/^535 /, () => tryLogin());
  expect((await tryLogin('new')).code).toBe(235);
  expect((await tryLogin('old')).code).toBe(235);
  world.now = end;
  expect((await tryLogin('old')).code).toBe(535);
  expect((await tryLogin('new')).code).toBe(235);
});

test('the use of a credential is reported to identity', async () => {
  (await world.session(account)).destroy();
  // The last report is sent when the service stops.
  await world.stop();
  expect(world.neighbours.uses).toContainEqual(
    expect.objectContaining({ kind: 'credential', id: account.credential }),
  );
  await world.start();
});
