import { describe, expect, test } from 'vitest';
import { envelope, message } from '../client.ts';
import type { Script } from '@mysmtp/test-kit/scripted-server';
import { kinds } from './faults.ts';
import { opened, start } from './scene.ts';

test('one recipient is refused permanently, one temporarily, one is accepted', async () => {
  const answers = ['550 5.1.1 no\r\n', undefined, '450 4.2.1 busy\r\n'];
  const server = await start(
    (now, nth) => (now === 'RCPT' ? answers[nth - 1] : undefined),
    ['PIPELINING'],
  );
  const session = await opened(server.port);
  const result = await session.send(
    envelope('a@example.org', 'b@example.org', 'c@example.org'),
    message,
  );
  expect(result.recipients).toMatchObject([
    { outcome: 'refused', failure: { stage: 'rcpt', code: 550, permanent: true } },
    { outcome: 'accepted', code: 250, enhancedCode: '2.0.0', text: '250 2.0.0 taken' },
    { outcome: 'refused', failure: { stage: 'rcpt', code: 450, permanent: false } },
  ]);
});

test('a refusal at RCPT stays if the connection breaks later', async () => {
  const server = await start(
    (now, nth) =>
      now === 'RCPT' && nth === 1
        ? '550 5.1.1 no\r\n'
        : now === 'dot'
          ? { end: 'reset' }
          : undefined,
    ['PIPELINING'],
  );
  const session = await opened(server.port);
  const { recipients } = await session.send(envelope('a@example.org', 'b@example.org'), message);
  expect(recipients).toMatchObject([
    { outcome: 'refused', failure: { code: 550, permanent: true } },
    { outcome: 'unknown', failure: { stage: 'final_dot', reason: 'lost' } },
  ]);
});

describe.each(kinds)('too many recipients, %s', (_kind, extensions) => {
  const five = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.org`);

  /** Accepts this many recipients in a transaction. */
  function limited(most: number, reply: string): Script {
    let taken = 0;
    return (now) => {
      if (now === 'MAIL') taken = 0;
      if (now !== 'RCPT') return undefined;
      taken += 1;
      return taken > most ? reply : undefined;
    };
  }

  test.each([
    '452 4.5.3 Too many recipients\r\n',
    '452 too many recipients\r\n',
    '552 5.5.3 Too many recipients\r\n',
    '552 no more\r\n',
    '452 4.7.1 Too many recipients at once\r\n',
    '451 4.5.3 Too many recipients: Too many recipients\r\n',
    '550 5.5.3 Too many recipients\r\n',
  ])('%j: the other recipients follow at once', async (reply) => {
    const server = await start(limited(2, reply), extensions);
    const session = await opened(server.port);
    const { recipients } = await session.send(envelope(...five), message);
    expect(recipients.map(({ outcome }) => outcome)).toEqual(five.map(() => 'accepted'));
    expect(server.messages.length).toBe(3);
    expect(server.connections()).toBe(1);
    // No RSET, because an accepted message leaves no open transaction.
    expect(server.commands).not.toContain('RSET');
  });

  test.each([
    ['452 4.2.2 mailbox full\r\n', false],
    ['452 4.3.1 no space\r\n', false],
    ['552 5.2.2 mailbox full\r\n', true],
    ['452 quota exceeded\r\n', false],
    ['451 4.7.1 Too many recipients in an hour\r\n', false],
  ])('%j concerns the mailbox', async (reply, permanent) => {
    const server = await start(limited(2, reply), extensions);
    const session = await opened(server.port);
    const { recipients } = await session.send(envelope(...five), message);
    expect(recipients.map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'accepted',
      'refused',
      'refused',
      'refused',
    ]);
    expect(recipients[2]).toMatchObject({ failure: { permanent, stage: 'rcpt' } });
    expect(server.messages.length).toBe(1);
  });

  test('for the first recipient of a transaction it is no limit, but a temporary refusal', async () => {
    const server = await start(limited(0, '552 too many\r\n'), extensions);
    const session = await opened(server.port);
    const { recipients } = await session.send(envelope('a@example.org'), message);
    expect(recipients).toMatchObject([
      { outcome: 'refused', failure: { code: 552, permanent: false } },
    ]);
    expect(server.commands.filter((line) => line.startsWith('MAIL')).length).toBe(1);
  });

  test('none follows a message that was refused', async () => {
    const take = limited(2, '452 4.5.3 Too many recipients\r\n');
    const server = await start(
      (now, ...rest) => (now === 'dot' ? '554 5.7.1 spam\r\n' : take(now, ...rest)),
      extensions,
    );
    const session = await opened(server.port);
    const { recipients } = await session.send(envelope(...five), message);
    expect(recipients.map((one) => 'failure' in one && one.failure.code)).toEqual([
      554, 554, 452, 452, 452,
    ]);
    expect(server.messages.length).toBe(1);
  });

  test('RCPTMAX and MAILMAX (RFC 9422) are observed', async () => {
    const server = await start(() => undefined, [...extensions, 'LIMITS RCPTMAX=2 MAILMAX=2']);
    const session = await opened(server.port);
    const { recipients } = await session.send(envelope(...five), message);
    expect(recipients.map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'accepted',
      'unsent',
    ]);
    expect(recipients[4]).toMatchObject({ failure: { reason: 'used_up', permanent: false } });
    expect(server.commands.filter((line) => line.startsWith('MAIL')).length).toBe(2);
    expect(session.isUsable()).toBe(false);
    expect(session.end()).toBeUndefined();
  });
});
