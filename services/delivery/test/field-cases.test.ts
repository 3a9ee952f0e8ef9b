import {
  startScriptedServer,
  type Script,
  type ServerOptions,
} from '@mysmtp/test-kit/scripted-server';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '@mysmtp/test-kit';
import { selfSigned } from './self-signed.ts';
import { openStage, type Stage } from './stage.ts';
import { startWorld, type World } from './world.ts';

// Inputs from real servers that do not follow the RFCs.

const certificate = selfSigned();

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let stage: Stage;
beforeEach(() => {
  stage = openStage(world);
});
afterEach(async () => {
  await stage.cleanup.disposeAsync();
  await world.connection.collection('deferred').deleteMany({});
});

async function startWith(script: Script, options: ServerOptions = {}) {
  const server = await startScriptedServer(script, { extensions: ['PIPELINING'], ...options });
  stage.cleanup.defer(() => server.close());
  await stage.startAt(server.port);
  return server;
}

/** The newest status of each recipient. */
function statuses(id: string): string[] {
  const newest = new Map<number, { rev: number; status: string }>();
  for (const { n, rev, status } of world.eventsOf(id)) {
    if (rev >= (newest.get(n)?.rev ?? -1)) newest.set(n, { rev, status });
  }
  return [...newest].toSorted(([a], [b]) => a - b).map(([, { status }]) => status);
}

const outcome = (id: string, wanted: readonly string[]) =>
  eventually(() => expect(statuses(id)).toEqual(wanted));

const replies = (id: string): string[] =>
  world.eventsOf(id).flatMap((event) => world.attemptsOf(event).map(({ reply }) => reply));

test.each([
  '550: No such user',
  '550\tNo such user',
  '550No such user',
  '550.5.1.1 No such user',
  '550',
])('%j to the second recipient bounces that one alone', async (reply) => {
  const server = await startWith((now, nth) =>
    now === 'RCPT' && nth === 2 ? `${reply}\r\n` : undefined,
  );
  const id = await world.send({ from: '', to: ['one@a.test', 'two@a.test'] });
  await outcome(id, ['delivered', 'bounced']);
  expect(server.messages).toHaveLength(1);
  expect(replies(id)).toContainEqual(expect.stringMatching(/^550/));
});

test('a line without a code at the second recipient defers, because it may answer any command', async () => {
  await startWith((now, nth) => (now === 'RCPT' && nth === 2 ? 'No such user\r\n' : undefined));
  const id = await world.send({ to: ['one@a.test', 'two@a.test'] });
  await outcome(id, ['deferred', 'deferred']);
});

test.each([
  ['RCPT', '450: Greylisted'],
  ['MAIL', '451: later'],
  ['MAIL', '451try again'],
  ['MAIL', '421: closing'],
  ['DATA', '451: later'],
  ['DATA', '421: closing'],
  ['dot', '451try again'],
  ['dot', '421: closing'],
] as const)('%s answered with %j defers', async (stageOf, reply) => {
  await startWith((now) => (now === stageOf ? `${reply}\r\n` : undefined));
  const id = await world.send();
  await outcome(id, ['deferred']);
  expect(replies(id)).toEqual([reply]);
});

test.each(['452 4.5.3 Too many recipients', '452 Too many recipients', '552 Too many recipients'])(
  '%j to the third recipient: the rest is sent at once in another transaction',
  async (reply) => {
    let inTransaction = 0;
    const server = await startWith((now) => {
      if (now === 'MAIL') inTransaction = 0;
      if (now !== 'RCPT') return undefined;
      inTransaction += 1;
      return inTransaction > 2 ? `${reply}\r\n` : undefined;
    });
    const to = ['1@a.test', '2@a.test', '3@a.test', '4@a.test', '5@a.test'];
    const id = await world.send({ to });
    await outcome(
      id,
      to.map(() => 'delivered'),
    );
    expect(server.messages).toHaveLength(3);
    expect(server.connections()).toBe(1);
  },
);

test.each(['250-size.does.matter.test offers SIZE 10', '250-mx.test our limit is SIZE 100'])(
  'the first line of the answer to EHLO is a name: %j states no size',
  async (first) => {
    await startWith((now) => (now === 'EHLO' ? `${first}\r\n250 PIPELINING\r\n` : undefined));
    const id = await world.send();
    await outcome(id, ['delivered']);
  },
);

test('a server that closes at STARTTLS without a reply gets the mail in clear', async () => {
  const server = await startWith((now) => (now === 'STARTTLS' ? { end: 'close' } : undefined), {
    tls: certificate,
  });
  const id = await world.send();
  await outcome(id, ['delivered']);
  expect(server.connections()).toBe(2);
});

test('"530 Must issue STARTTLS first" after a failed handshake defers: the next session may have TLS', async () => {
  await startWith(
    (now) => {
      if (now === 'STARTTLS') return { end: 'close' };
      return now === 'MAIL' ? '530 5.7.0 Must issue a STARTTLS command first\r\n' : undefined;
    },
    { tls: certificate },
  );
  const id = await world.send();
  await outcome(id, ['deferred']);
});
