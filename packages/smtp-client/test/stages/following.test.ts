import { describe, expect, test } from 'vitest';
import type { SendResult, Session } from '../../src/index.ts';
import { envelope, message, patient } from '../client.ts';
import type { Script, ScriptedServer } from '@mysmtp/test-kit/scripted-server';
import { faults } from './faults.ts';
import { opened, start } from './scene.ts';

/** Sends a message to each of these, each as early as the session allows. */
async function sendInTurn(session: Session, ...all: readonly string[][]): Promise<SendResult[]> {
  const sending: Promise<SendResult>[] = [];
  const next = {
    isWaiting: () => sending.length < all.length,
    begin() {
      const recipients = all[sending.length] ?? [];
      sending.push(session.send(envelope(...recipients), message, { next }));
    },
  };
  while (next.isWaiting()) {
    next.begin();
    for (let done = 0; done < sending.length; done += 1) await sending[done];
    if (!session.isUsable()) break;
  }
  return Promise.all(sending);
}

const to = (...names: string[]) => names.map((name) => [`${name}@example.org`]);
const outcomes = (results: readonly SendResult[]) =>
  results.map(({ recipients }) => recipients.map(({ outcome }) => outcome).join(' '));
const mails = ({ commands }: ScriptedServer) => commands.filter((line) => line.startsWith('MAIL'));
const silent = { say: '' };

/** Of the second message, because nothing is sent behind the first one of a session. */
const atSecondDot =
  (act: ReturnType<Script>): Script =>
  (event, nth) =>
    event === 'dot' && nth === 2 ? act : undefined;

describe('the next message is begun before the reply to the current one (RFC 2920)', () => {
  test('and all of them arrive, with their own replies', async () => {
    const server = await start(
      (event, nth) => (event === 'dot' ? `250 2.0.0 taken ${String(nth)}\r\n` : undefined),
      ['PIPELINING'],
    );
    const session = await opened(server.port);
    const results = await sendInTurn(session, ...to('a', 'b', 'c', 'd', 'e'));
    expect(results.map(({ recipients }) => recipients)).toMatchObject(
      [1, 2, 3, 4, 5].map((nth) => [
        { outcome: 'accepted', text: `250 2.0.0 taken ${String(nth)}` },
      ]),
    );
    expect(server.messages).toEqual(
      Array.from({ length: 5 }, () => 'Subject: hello\r\n\r\n..hello\r\n'),
    );
    expect(session.transactions).toBe(5);
    expect(session.isUsable()).toBe(true);
  });

  test('its commands leave with the end of the current one', async () => {
    const server = await start(atSecondDot(silent), ['PIPELINING']);
    const session = await opened(server.port);
    const sending = sendInTurn(session, ...to('a', 'b', 'c', 'd'));
    await expect
      .poll(() => server.commands.slice(-3))
      .toEqual([expect.stringContaining('MAIL'), 'RCPT TO:<c@example.org>', 'DATA']);
    expect(mails(server).length).toBe(3);
    session.break();
    expect(outcomes(await sending)).toEqual(['accepted', 'unknown', 'unsent']);
  });

  test.each([
    ['without PIPELINING', []],
    ['for a server that replies slowly', ['PIPELINING']],
  ])('but not %s', async (_name, extensions) => {
    const server = await start((event, nth) => {
      if (event !== 'dot') return undefined;
      // An empty reply: the real one comes later.
      return nth === 1 && extensions.length > 0 ? '' : nth === 2 ? silent : undefined;
    }, extensions);
    const session = await opened(server.port);
    const sending = sendInTurn(session, ...to('a', 'b', 'c'));
    if (extensions.length > 0) {
      await expect.poll(() => server.messages.length).toBe(1);
      setTimeout(() => server.interject({ say: '250 2.0.0 taken\r\n' }), 1_050);
    }
    await expect.poll(() => server.messages.length, { timeout: 5_000 }).toBe(2);
    expect(mails(server).length).toBe(2);
    session.break();
    expect(outcomes(await sending)).toEqual(['accepted', 'unknown']);
  });

  test('nor before the other recipients of the current one', async () => {
    const server = await start(
      (event, nth) => (event === 'RCPT' && nth === 3 ? '452 4.5.3 too many\r\n' : undefined),
      ['PIPELINING'],
    );
    const session = await opened(server.port);
    const both = ['b@example.org', 'c@example.org'];
    expect(outcomes(await sendInTurn(session, ...to('a'), both, ...to('d')))).toEqual([
      'accepted',
      'accepted accepted',
      'accepted',
    ]);
    expect(server.commands.filter((line) => line.startsWith('RCPT'))).toEqual([
      'RCPT TO:<a@example.org>',
      'RCPT TO:<b@example.org>',
      'RCPT TO:<c@example.org>',
      'RCPT TO:<c@example.org>',
      'RCPT TO:<d@example.org>',
    ]);
  });
});

describe('behind a message', () => {
  test.each(['4xx', '5xx', 'a code without text'])(
    'that is refused (%s), the next is sent',
    async (name) => {
      const server = await start(atSecondDot(faults[name]?.act), ['PIPELINING']);
      const session = await opened(server.port);
      const results = await sendInTurn(session, ...to('a', 'b', 'c', 'd'));
      expect(outcomes(results)).toEqual(['accepted', 'refused', 'accepted', 'accepted']);
      expect(server.commands).not.toContain('RSET');
    },
  );

  test.each([
    ['421', 'refused'],
    ['close', 'unknown'],
    ['reset', 'unknown'],
    ['a line without a code', 'unknown'],
  ])('at which the session ends (%s), the next is unsent', async (name, outcome) => {
    const server = await start(atSecondDot(faults[name]?.act), ['PIPELINING']);
    const session = await opened(server.port);
    const results = await sendInTurn(session, ...to('a', 'b', 'c', 'd'));
    expect(outcomes(results)).toEqual(['accepted', outcome, 'unsent']);
    expect(results[2]?.recipients).toMatchObject([{ failure: { reason: 'used_up' } }]);
    expect(session.end()).toMatchObject({ how: 'failed', failure: faults[name]?.failure });
    expect(session.isUsable()).toBe(false);
  });

  test('without a reply in time, the next is unsent', async () => {
    const server = await start(atSecondDot(silent), ['PIPELINING']);
    const session = await opened(server.port, { timeouts: { ...patient, final_dot: 2_000 } });
    const results = await sendInTurn(session, ...to('a', 'b', 'c'));
    expect(outcomes(results)).toEqual(['accepted', 'unknown', 'unsent']);
    expect(session.end()).toMatchObject({ how: 'failed', failure: { reason: 'timeout' } });
  });

  test('the time of the next attempt goes on after the current one has ended', async () => {
    const server = await start(
      (event, nth) => (event === 'dot' && nth === 3 ? silent : undefined),
      ['PIPELINING'],
    );
    const session = await opened(server.port, { timeouts: { ...patient, attempt: 2_000 } });
    const results = await sendInTurn(session, ...to('a', 'b', 'c'));
    expect(outcomes(results)).toEqual(['accepted', 'accepted', 'unknown']);
    expect(session.end()).toMatchObject({ how: 'failed', failure: { reason: 'timeout' } });
  });

  test('an end of the session after its reply is a stale end', async () => {
    const server = await start(atSecondDot({ say: '250 2.0.0 taken\r\n', end: 'close' }), [
      'PIPELINING',
    ]);
    const session = await opened(server.port);
    const results = await sendInTurn(session, ...to('a', 'b', 'c'));
    expect(outcomes(results)).toEqual(['accepted', 'accepted', 'unsent']);
    expect(session.end()).toMatchObject({ how: 'stale' });
  });

  test('a refused next message leaves its transaction open, and RSET ends it', async () => {
    const server = await start(
      (event, nth) => (event === 'RCPT' && nth === 3 ? '550 5.1.1 unknown\r\n' : undefined),
      ['PIPELINING'],
    );
    const session = await opened(server.port);
    const results = await sendInTurn(session, ...to('a', 'b', 'c', 'd'));
    expect(outcomes(results)).toEqual(['accepted', 'accepted', 'refused', 'accepted']);
    const last = server.commands.slice(-4);
    expect(last[0]).toBe('RSET');
    expect(last[2]).toBe('RCPT TO:<d@example.org>');
  });

  test('a second one is refused while the commands of the first are being answered', async () => {
    const server = await start(atSecondDot(silent), ['PIPELINING']);
    const session = await opened(server.port);
    const sending = sendInTurn(session, ...to('a', 'b', 'c'));
    await expect.poll(() => mails(server).length).toBe(3);
    expect(session.isUsable()).toBe(false);
    await expect(session.send(envelope('d@example.org'), message)).rejects.toThrow('being sent');
    session.break();
    await sending;
  });
});
