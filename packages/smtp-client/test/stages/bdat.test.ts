import { describe, expect, test } from 'vitest';
import type { Session } from '../../src/index.ts';
import { envelope, message, patient } from '../client.ts';
import type { Script, ScriptedServer } from '@mysmtp/test-kit/scripted-server';
import { brief, each, isSilent } from './faults.ts';
import { opened, start } from './scene.ts';

const chunking = ['8BITMIME', 'SIZE', 'CHUNKING'];
const kinds = [
  ['one command at a time', chunking],
  ['pipelined', [...chunking, 'PIPELINING']],
] as const;
/** Two chunks and a part of a third. */
const large = Buffer.from(`${'.'.repeat(70)}\r\n`.repeat(8_000));
const chunk = 256 * 1024;

async function ready(
  script: Script,
  extensions: readonly string[],
  timeouts = patient,
): Promise<{ readonly server: ScriptedServer; readonly session: Session }> {
  const server = await start(script, extensions);
  return { server, session: await opened(server.port, { bdat: true, timeouts }) };
}

const isChunk = (line: string): boolean => /^BDAT \d+$/.test(line);
const isLast = (line: string): boolean => line.endsWith(' LAST');
const bdatOf = (server: ScriptedServer): string[] =>
  server.commands.filter((line) => line.startsWith('BDAT'));

describe.each(kinds)('BDAT, %s', (_kind, extensions) => {
  test('a small message is one chunk, and no dot is added', async () => {
    const { server, session } = await ready(() => undefined, extensions);
    const { recipients } = await session.send(envelope('a@example.org', 'b@example.org'), message);
    expect(recipients).toMatchObject([
      { outcome: 'accepted', code: 250 },
      { outcome: 'accepted', code: 250 },
    ]);
    expect(server.messages).toEqual([message.toString()]);
    expect(bdatOf(server)).toEqual([`BDAT ${String(message.length)} LAST`]);
    expect(server.commands).not.toContain('DATA');
    expect(session.isUsable()).toBe(true);
  });

  test('a large message is several chunks, in memory and streamed', async () => {
    const { server, session } = await ready(() => undefined, extensions);
    async function* read(): AsyncGenerator<Buffer> {
      for (let at = 0; at < large.length; at += 100_001) yield large.subarray(at, at + 100_001);
    }
    for (const content of [large, read]) {
      const { recipients } = await session.send(envelope('a@example.org'), content);
      expect(recipients).toMatchObject([{ outcome: 'accepted' }]);
    }
    expect(server.messages.map((one) => one === large.toString())).toEqual([true, true]);
    const sizes = [chunk, chunk, large.length - 2 * chunk].map(String);
    const once = sizes.map((size, at) => `BDAT ${size}${at === 2 ? ' LAST' : ''}`);
    expect(bdatOf(server)).toEqual([...once, ...once]);
    expect(server.commands).not.toContain('RSET');
  });

  test.each([
    ['Subject: x\r\n\r\nno line end', 'Subject: x\r\n\r\nno line end\r\n'],
    ['Subject: x\r\n\r\nhalf\r', 'Subject: x\r\n\r\nhalf\r\r\n'],
    ['', ''],
  ])('%j ends with CRLF', async (given, sent) => {
    const { server, session } = await ready(() => undefined, extensions);
    const pieces = given.split('').map((one) => Buffer.from(one));
    await session.send(envelope('a@example.org'), pieces);
    expect(server.messages).toEqual([sent]);
  });

  test('no chunk is sent if no recipient is accepted', async () => {
    const { server, session } = await ready(
      (now, nth) => (now === 'RCPT' && nth === 1 ? '550 5.1.1 no\r\n' : undefined),
      extensions,
    );
    const first = await session.send(envelope('a@example.org'), message);
    expect(first.recipients).toMatchObject([{ outcome: 'refused', failure: { stage: 'rcpt' } }]);
    expect(bdatOf(server)).toEqual([]);
    const next = await session.send(envelope('b@example.org'), message);
    expect(next.recipients).toMatchObject([{ outcome: 'accepted' }]);
    expect(server.commands).toContain('RSET');
  });

  test.each([
    ['MAIL', 'mail'],
    ['RCPT', 'rcpt'],
  ] as const)('a refusal at %s is a failure of the stage', async (event, stage) => {
    const { server, session } = await ready(
      (now) => (now === event ? '550 5.7.1 no\r\n' : undefined),
      extensions,
    );
    const { recipients } = await session.send(envelope('a@example.org'), message);
    expect(recipients).toMatchObject([{ outcome: 'refused', failure: { stage, code: 550 } }]);
    expect(bdatOf(server)).toEqual([]);
  });

  describe.each([
    ['a chunk', isChunk, 'content', 'refused'],
    ['the last chunk', isLast, 'final_dot', 'unknown'],
  ] as const)('at %s', (_name, is, stage, withoutAnswer) => {
    test.concurrent.each(each)('%s is a failure of the stage', async (name, fault) => {
      const { server, session } = await ready(
        (now, _nth, line) => (now === 'BDAT' && is(line) ? fault.act : undefined),
        extensions,
        isSilent(name) ? brief(stage) : patient,
      );
      const { recipients } = await session.send(envelope('a@example.org'), large);
      const isAnswer = (fault.failure.code ?? null) !== null;
      expect(recipients).toMatchObject([
        { outcome: isAnswer ? 'refused' : withoutAnswer, failure: { stage, ...fault.failure } },
      ]);
      // After a chunk that is not accepted nothing follows, also no other message.
      expect(bdatOf(server).length).toBe(stage === 'content' ? 1 : 3);
      expect(session.isUsable()).toBe(false);
      if (fault.goesOn !== true) {
        expect(session.end()).toMatchObject({ how: 'failed', failure: { stage } });
        return;
      }
      expect(session.end()).toBeUndefined();
      const next = await session.send(envelope('b@example.org'), message);
      expect(next.recipients).toMatchObject([
        { outcome: 'unsent', failure: { reason: 'used_up', permanent: false } },
      ]);
      await session.close();
      expect(server.commands.at(-1)).toBe('QUIT');
    });

    test('354 is not allowed here and ends the connection', async () => {
      const { session } = await ready(
        (now, _nth, line) => (now === 'BDAT' && is(line) ? '354 more\r\n' : undefined),
        extensions,
      );
      const { recipients } = await session.send(envelope('a@example.org'), large);
      expect(recipients).toMatchObject([
        { outcome: withoutAnswer, failure: { stage, reason: 'unexpected' } },
      ]);
      expect(session.isUsable()).toBe(false);
    });
  });

  test('recipients above the limit follow in another transaction', async () => {
    const { server, session } = await ready(() => undefined, [...extensions, 'LIMITS RCPTMAX=1']);
    const { recipients } = await session.send(envelope('a@example.org', 'b@example.org'), message);
    expect(recipients).toMatchObject([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
    expect(server.messages).toEqual([message.toString(), message.toString()]);
  });
});

test('content that cannot be read ends the connection, and nothing is delivered', async () => {
  const { server, session } = await ready(() => undefined, chunking);
  const why = new Error('spool is away');
  const result = await session.send(envelope('a@example.org'), async function* () {
    yield large;
    throw why;
  });
  expect(result.contentError).toBe(why);
  expect(result.recipients).toMatchObject([
    { outcome: 'refused', failure: { stage: 'content', reason: 'content' } },
  ]);
  expect(server.messages).toEqual([]);
});

test.each([
  ['a server without CHUNKING', true, ['PIPELINING']],
  ['a session without the option for BDAT', false, chunking],
])('%s gets DATA', async (_name, bdat, extensions) => {
  const server = await start(() => undefined, extensions);
  const session = await opened(server.port, { bdat });
  const { recipients } = await session.send(envelope('a@example.org'), message);
  expect(recipients).toMatchObject([{ outcome: 'accepted' }]);
  expect(server.commands).toContain('DATA');
  expect(bdatOf(server)).toEqual([]);
});
