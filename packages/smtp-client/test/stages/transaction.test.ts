import { describe, expect, test } from 'vitest';
import { envelope, message, patient } from '../client.ts';
import { brief, each, isSilent, kinds } from './faults.ts';
import { opened, start } from './scene.ts';

describe.each(kinds)('%s', (_kind, extensions) => {
  describe.each([
    ['MAIL', 'mail'],
    ['RCPT', 'rcpt'],
    ['DATA', 'data'],
    ['dot', 'final_dot'],
  ] as const)('at %s', (event, stage) => {
    test.concurrent.each(each)('%s is a failure of the stage', async (name, fault) => {
      const server = await start(
        (now, nth) => (now === event && nth === 1 ? fault.act : undefined),
        extensions,
      );
      const timeouts = isSilent(name) ? brief(stage) : patient;
      const session = await opened(server.port, { timeouts });
      const { recipients } = await session.send(envelope('a@example.org'), message);
      // A reset discards replies that the client has not read yet.
      const isReset = fault.failure.reason === 'lost' && (event === 'RCPT' || event === 'DATA');
      const at = isReset ? {} : { stage };
      const isUnknown = stage === 'final_dot' && (fault.failure.code ?? null) === null;
      expect(recipients).toMatchObject([
        { outcome: isUnknown ? 'unknown' : 'refused', failure: { ...at, ...fault.failure } },
      ]);
      expect(session.isUsable()).toBe(fault.goesOn === true);
      if (fault.goesOn !== true) {
        expect(session.end()).toMatchObject({
          how: 'failed',
          failure: { ...at, ...fault.failure },
        });
        return;
      }
      expect(session.end()).toBeUndefined();
      // The refused message leaves no open transaction.
      const next = await session.send(envelope('b@example.org'), message);
      expect(next.recipients).toMatchObject([{ outcome: 'accepted', code: 250 }]);
      expect(server.commands).toContain('RSET');
      expect(server.messages.at(-1)).toBe('Subject: hello\r\n\r\n..hello\r\n');
    });
  });

  test.concurrent.each(each)(
    'at RSET: %s, and the message is not the reason',
    async (name, fault) => {
      const server = await start(
        (now, nth) =>
          now === 'RSET' ? fault.act : now === 'DATA' && nth === 1 ? '451 4.3.0 no\r\n' : undefined,
        extensions,
      );
      const timeouts = isSilent(name) ? brief('rset') : patient;
      const session = await opened(server.port, { timeouts });
      await session.send(envelope('a@example.org'), message);
      const { recipients } = await session.send(envelope('b@example.org'), message);
      const isStale = ['closing', 'closed', 'lost'].includes(fault.failure.reason ?? '');
      expect(recipients).toMatchObject([
        { outcome: isStale ? 'unsent' : 'refused', failure: { stage: 'rset', ...fault.failure } },
      ]);
      expect(session.end()).toMatchObject({ how: isStale ? 'stale' : 'failed' });
      expect(server.messages).toEqual([]);
    },
  );
});

test.each([
  ['MAIL', '354 go\r\n'],
  ['RCPT', '354 go\r\n'],
  ['DATA', '250 ok\r\n'],
] as const)('%s answered with %j is not allowed and ends the connection', async (event, answer) => {
  const server = await start((now) => (now === event ? answer : undefined), ['PIPELINING']);
  const session = await opened(server.port);
  const { recipients } = await session.send(envelope('a@example.org'), message);
  expect(recipients).toMatchObject([
    { outcome: 'refused', failure: { reason: 'unexpected', permanent: false } },
  ]);
  expect(session.isUsable()).toBe(false);
});

test('354 to the final dot says nothing about the message', async () => {
  const server = await start((now) => (now === 'dot' ? '354 more\r\n' : undefined));
  const session = await opened(server.port);
  const { recipients } = await session.send(envelope('a@example.org'), message);
  expect(recipients).toMatchObject([{ outcome: 'unknown', failure: { reason: 'unexpected' } }]);
});

test('pipelined commands leave in one write, and a refused MAIL is the reason for all', async () => {
  const server = await start(
    (now, nth) =>
      nth > 1
        ? undefined
        : now === 'MAIL'
          ? '550 5.7.1 blocked\r\n'
          : now === 'RCPT' || now === 'DATA'
            ? '503 5.5.1 MAIL first\r\n'
            : undefined,
    ['PIPELINING'],
  );
  const session = await opened(server.port);
  const { recipients } = await session.send(envelope('a@example.org'), message);
  expect(recipients).toMatchObject([
    { outcome: 'refused', failure: { stage: 'mail', code: 550, text: '550 5.7.1 blocked' } },
  ]);
  expect(server.commands.slice(1)).toEqual([
    'MAIL FROM:<sender@example.net>',
    'RCPT TO:<a@example.org>',
    'DATA',
  ]);
  const next = await session.send(envelope('b@example.org'), message);
  expect(next.recipients).toMatchObject([{ outcome: 'accepted' }]);
});

test('354 although no recipient is accepted: a lone dot, whose answer is ignored', async () => {
  const server = await start(
    (now, nth) => (now === 'RCPT' && nth === 1 ? '550 5.1.1 no\r\n' : undefined),
    ['PIPELINING'],
  );
  const session = await opened(server.port);
  const { recipients } = await session.send(envelope('a@example.org'), message);
  expect(recipients).toMatchObject([{ outcome: 'refused', failure: { code: 550, stage: 'rcpt' } }]);
  expect(server.messages).toEqual(['']);
  const next = await session.send(envelope('b@example.org'), message);
  expect(next.recipients).toMatchObject([{ outcome: 'accepted' }]);
});
