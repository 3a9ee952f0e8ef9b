import { describe, expect, test } from 'vitest';
import type { SendResult, Session } from '../../src/index.ts';
import { envelope, message, patient } from '../client.ts';
import type { Event, Script, ScriptedServer } from '@mysmtp/test-kit/scripted-server';
import { brief, faults, type Fault } from './faults.ts';
import { opened, start } from './scene.ts';

describe('a connection that the server ends', () => {
  const bye = '421 4.4.2 idle for too long\r\n';

  async function used(server: ScriptedServer): Promise<Session> {
    const session = await opened(server.port);
    const { recipients } = await session.send(envelope('a@example.org'), message);
    expect(recipients).toMatchObject([{ outcome: 'accepted' }]);
    return session;
  }

  test.each([
    ['421', { say: bye }, 'closing'],
    ['close', { end: 'close' }, 'closed'],
    ['reset', { end: 'reset' }, 'lost'],
  ] as const)('%s while idle is a stale end', async (_name, act, reason) => {
    const server = await start(() => undefined);
    const session = await used(server);
    server.interject(act);
    await expect.poll(() => session.isUsable()).toBe(false);
    expect(session.end()).toMatchObject({ how: 'stale', failure: { stage: 'idle', reason } });
    const { recipients } = await session.send(envelope('b@example.org'), message);
    expect(recipients).toMatchObject([{ outcome: 'unsent', failure: { stage: 'idle', reason } }]);
    expect(session.transactions).toBe(1);
  });

  test('an unexpected reply while idle is a failure', async () => {
    const server = await start(() => undefined);
    const session = await used(server);
    server.interject({ say: '250 2.0.0 taken\r\n' });
    await expect.poll(() => session.isUsable()).toBe(false);
    expect(session.end()).toMatchObject({ how: 'failed', failure: { reason: 'unsolicited' } });
  });

  test.each(['421', 'close', 'reset'])(
    '%s at MAIL of a later message is a stale end',
    async (name) => {
      const fault = faults[name] as Fault;
      const server = await start((now, nth) =>
        now === 'MAIL' && nth === 2 ? fault.act : undefined,
      );
      const session = await used(server);
      const { recipients } = await session.send(envelope('b@example.org'), message);
      expect(recipients).toMatchObject([
        { outcome: 'unsent', failure: { stage: 'mail', ...fault.failure } },
      ]);
      expect(session.end()).toMatchObject({ how: 'stale', failure: fault.failure });
    },
  );

  test('421 at RCPT of a later message is a failure, because the server has begun with the message', async () => {
    const server = await start((now, nth) => (now === 'RCPT' && nth === 2 ? bye : undefined));
    const session = await used(server);
    const { recipients } = await session.send(envelope('b@example.org'), message);
    expect(recipients).toMatchObject([
      { outcome: 'refused', failure: { stage: 'rcpt', code: 421 } },
    ]);
    expect(session.end()).toMatchObject({ how: 'failed' });
  });

  describe.each([[[]], [['PIPELINING']]])(
    'that accepts no more messages, extensions %j',
    (extensions) => {
      const noMore = '452 4.5.3 Too many messages sent\r\n';

      test.each([noMore, '452 too many messages in this session\r\n'])(
        '%j at MAIL of a later message: it is unsent',
        async (answer) => {
          const server = await start(
            (now, nth) => (now === 'MAIL' && nth === 2 ? answer : undefined),
            extensions,
          );
          const session = await used(server);
          const { recipients } = await session.send(envelope('b@example.org'), message);
          expect(recipients).toMatchObject([
            { outcome: 'unsent', failure: { stage: 'mail', code: 452, permanent: false } },
          ]);
          expect(session.isUsable()).toBe(false);
          expect(session.end()).toBeUndefined();
          await session.close();
          expect(server.commands.at(-1)).toBe('QUIT');
        },
      );

      test('at the first message it is a refusal', async () => {
        const server = await start((now) => (now === 'MAIL' ? noMore : undefined), extensions);
        const session = await opened(server.port);
        const { recipients } = await session.send(envelope('a@example.org'), message);
        expect(recipients).toMatchObject([{ outcome: 'refused', failure: { stage: 'mail' } }]);
        expect(session.isUsable()).toBe(true);
      });

      test('a disk without space at MAIL is a refusal', async () => {
        const server = await start(
          (now, nth) => (now === 'MAIL' && nth === 2 ? '452 4.3.1 no space\r\n' : undefined),
          extensions,
        );
        const session = await used(server);
        const { recipients } = await session.send(envelope('b@example.org'), message);
        expect(recipients).toMatchObject([{ outcome: 'refused', failure: { stage: 'mail' } }]);
        expect(session.isUsable()).toBe(true);
      });

      test('recipients of further transactions are unsent', async () => {
        const server = await start(
          (now, nth) => (now === 'MAIL' && nth === 2 ? noMore : undefined),
          [...extensions, 'LIMITS RCPTMAX=1'],
        );
        const session = await opened(server.port);
        const { recipients } = await session.send(
          envelope('a@example.org', 'b@example.org', 'c@example.org'),
          message,
        );
        expect(recipients.map(({ outcome }) => outcome)).toEqual(['accepted', 'unsent', 'unsent']);
      });
    },
  );

  test('recipients that had to follow are unsent', async () => {
    const server = await start(
      (now, nth) => (now === 'MAIL' && nth === 2 ? bye : undefined),
      ['LIMITS RCPTMAX=1'],
    );
    const session = await opened(server.port);
    const { recipients } = await session.send(
      envelope('a@example.org', 'b@example.org', 'c@example.org'),
      message,
    );
    expect(recipients.map(({ outcome }) => outcome)).toEqual(['accepted', 'unsent', 'unsent']);
  });
});

test('close sends QUIT and waits for the end', async () => {
  const server = await start(() => undefined);
  const session = await opened(server.port);
  await Promise.all([session.close(), session.close()]);
  expect(server.commands).toEqual(['EHLO relay.example.net', 'QUIT']);
  expect(session.end()).toEqual({ how: 'closed' });
  expect(session.isUsable()).toBe(false);
});

test('after no answer to QUIT the connection is closed', async () => {
  const server = await start((now) => (now === 'QUIT' ? {} : undefined));
  const session = await opened(server.port, { timeouts: brief('quit') });
  await session.close();
  expect(session.end()).toEqual({ how: 'closed' });
});

describe('stopping', () => {
  const silentAt =
    (event: Event): Script =>
    (now) =>
      now === event ? {} : undefined;

  test('the time of the attempt limits all stages together', async () => {
    const server = await start((now) => (now === 'RCPT' ? {} : undefined));
    const session = await opened(server.port, { timeouts: { ...patient, attempt: 2_000 } });
    const { recipients } = await session.send(envelope('a@example.org'), message);
    expect(recipients).toMatchObject([{ failure: { stage: 'rcpt', reason: 'timeout' } }]);
  });

  test.each([
    ['DATA', 'refused', 'data'],
    ['dot', 'unknown', 'final_dot'],
  ] as const)('a signal stops a message at %s', async (event, outcome, stage) => {
    const server = await start(silentAt(event), ['PIPELINING']);
    const session = await opened(server.port);
    const stop = new AbortController();
    const sending = session.send(envelope('a@example.org'), message, { signal: stop.signal });
    await expect
      .poll(() => server.commands.length + server.messages.length)
      .toBe(event === 'dot' ? 5 : 4);
    stop.abort();
    expect((await sending).recipients).toMatchObject([
      { outcome, failure: { stage, reason: 'aborted' } },
    ]);
    expect(session.end()).toMatchObject({ how: 'failed', failure: { reason: 'aborted' } });
  });

  test('a signal that is already aborted sends nothing', async () => {
    const server = await start(() => undefined);
    const session = await opened(server.port);
    const result = await session.send(envelope('a@example.org'), message, {
      signal: AbortSignal.abort(),
    });
    expect(result.recipients).toMatchObject([
      { outcome: 'refused', failure: { reason: 'aborted' } },
    ]);
    expect(server.commands.length).toBe(1);
  });

  test('break ends a message', async () => {
    const server = await start(silentAt('MAIL'));
    const session = await opened(server.port);
    const sending = session.send(envelope('a@example.org'), message);
    session.break();
    expect((await sending).recipients).toMatchObject([{ failure: { reason: 'aborted' } }]);
  });

  test('a second message at the same time is an error of the caller', async () => {
    const server = await start(silentAt('MAIL'));
    const session = await opened(server.port);
    const sending: Promise<SendResult> = session.send(envelope('a@example.org'), message);
    await expect(session.send(envelope('b@example.org'), message)).rejects.toThrow('is being sent');
    session.break();
    await sending;
  });
});
