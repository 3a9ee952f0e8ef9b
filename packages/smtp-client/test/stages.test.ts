import { afterAll, describe, expect, test } from 'vitest';
import { SessionFailure, type Failure, type SendResult, type Session } from '../src/index.ts';
import { envelope, message, open, patient } from './client.ts';
import {
  startScriptedServer,
  type Act,
  type Event,
  type ScriptedServer,
  type Script,
} from '@mysmtp/test-kit/scripted-server';

const servers: ScriptedServer[] = [];
const sessions: Session[] = [];
// Not after each: tests that run at the same time share the lists.
afterAll(() => {
  for (const session of sessions.splice(0)) session.break();
  for (const server of servers.splice(0)) server.close();
});

async function start(script: Script, extensions: readonly string[] = []): Promise<ScriptedServer> {
  const server = await startScriptedServer(script, { extensions });
  servers.push(server);
  return server;
}

async function opened(...args: Parameters<typeof open>): Promise<Session> {
  const session = await open(...args);
  sessions.push(session);
  return session;
}

interface Fault {
  readonly act: Act | string;
  readonly failure: Partial<Failure>;
  /** The server has answered, and the connection can go on. */
  readonly goesOn?: true;
}

const refused = { reason: 'refused' } as const;
const faults: Readonly<Record<string, Fault>> = {
  '421': {
    act: { say: '421 4.3.2 closing\r\n', end: 'close' },
    failure: { reason: 'closing', code: 421, enhancedCode: '4.3.2', permanent: false },
  },
  '4xx': {
    act: '451-4.7.1 wait\r\n451 4.7.1 a while\r\n',
    failure: { ...refused, code: 451, enhancedCode: '4.7.1', permanent: false },
    goesOn: true,
  },
  '5xx': {
    act: '554 5.7.1 no\r\n',
    failure: { ...refused, code: 554, enhancedCode: '5.7.1', permanent: true },
    goesOn: true,
  },
  'a code without text': {
    act: '550\r\n',
    failure: { ...refused, code: 550, enhancedCode: null, permanent: true },
    goesOn: true,
  },
  'a code and a colon': {
    act: '550: no\n',
    failure: { ...refused, code: 550, enhancedCode: null, permanent: true },
    goesOn: true,
  },
  'a line without a code': {
    act: 'no\r\n',
    failure: { reason: 'unreadable', code: null, permanent: false },
  },
  'an empty line': {
    act: '\r\n',
    failure: { reason: 'unreadable', code: null, permanent: false },
  },
  silence: { act: {}, failure: { reason: 'timeout', code: null, permanent: false } },
  'half a reply, then silence': {
    act: '554-5.7.1 n',
    failure: { reason: 'timeout', code: null, permanent: false },
  },
  close: {
    act: { end: 'close' },
    failure: { reason: 'closed', code: null, enhancedCode: '4.4.2', permanent: false },
  },
  reset: { act: { end: 'reset' }, failure: { reason: 'lost', code: null, permanent: false } },
  'half a reply, then reset': {
    act: { say: '554-5.7.1 n', end: 'reset' },
    failure: { reason: 'lost', code: null, permanent: false },
  },
};

const each = Object.entries(faults);
/** Only silence waits for it: what does answer answers at once. */
const brief = (stage: string) => ({ ...patient, [stage]: 250 });
const isSilent = (name: string): boolean => name.includes('silence');

describe.each([
  ['greeting', 'greeting'],
  ['EHLO', 'ehlo'],
] as const)('at %s', (event, stage) => {
  test.concurrent.each(each)('%s fails the session', async (name, { act, failure }) => {
    const server = await start((now) => (now === event ? act : undefined));
    const timeouts = isSilent(name) ? brief(stage) : patient;
    const error = await open(server.port, { timeouts }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SessionFailure);
    const { failure: found, isTls } = error as SessionFailure;
    // A reset may come before the client knows that it is connected.
    const at = found.stage === 'connect' && failure.reason === 'lost' ? {} : { stage };
    expect(found).toMatchObject({ ...at, ...failure });
    expect(isTls).toBe(false);
  });
});

const inClear = ['8BITMIME', 'SIZE'];
const kinds = [
  ['one command at a time', inClear],
  ['pipelined', [...inClear, 'PIPELINING']],
] as const;

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
      // A reset takes away replies that the client has not read yet.
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
      // The refused message leaves nothing behind.
      const next = await session.send(envelope('b@example.org'), message);
      expect(next.recipients).toMatchObject([{ outcome: 'accepted', code: 250 }]);
      expect(server.commands).toContain('RSET');
      expect(server.messages.at(-1)).toBe('Subject: hello\r\n\r\n..hello\r\n');
    });
  });

  test.concurrent.each(each)(
    'at RSET: %s, and the message is not at fault',
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

  test.concurrent.each(each)(
    'while the message is sent: %s breaks the connection off',
    async (name, fault) => {
      // Silence is no fault here: nothing is due before the final dot.
      if (isSilent(name)) return;
      const server = await start((now) => (now === 'content' ? fault.act : undefined), extensions);
      const session = await opened(server.port);
      const source = endless();
      const { recipients } = await session.send(envelope('a@example.org'), source.open);
      expect(recipients).toMatchObject([
        { outcome: 'refused', failure: { stage: 'content', ...fault.failure } },
      ]);
      expect(session.isUsable()).toBe(false);
      expect(session.end()).toMatchObject({ how: 'failed' });
      await session.close();
      expect(server.unended()).not.toMatch(/RSET|QUIT|^\.\r\n/m);
      expect(server.messages).toEqual([]);
    },
  );
});

/** Begins a message and never ends it. */
function endless() {
  async function* read(): AsyncGenerator<Buffer> {
    yield message;
    yield message;
    await new Promise(() => undefined);
  }
  return { open: read };
}

test('a reply before the end of a large message in memory breaks it off', async () => {
  const server = await start((now) => (now === 'content' ? '552 5.3.4 too big\r\n' : undefined));
  const session = await opened(server.port);
  const large = Buffer.alloc(32 * 1024 * 1024, 'x'.repeat(70) + '\r\n');
  const { recipients } = await session.send(envelope('a@example.org'), large);
  expect(recipients).toMatchObject([
    { outcome: 'refused', failure: { code: 552, enhancedCode: '5.3.4', permanent: true } },
  ]);
  expect(session.isUsable()).toBe(false);
  expect(server.messages).toEqual([]);
});

test('250 before the final dot is no success', async () => {
  const server = await start((now) => (now === 'content' ? '250 2.0.0 taken\r\n' : undefined));
  const session = await opened(server.port);
  const { recipients } = await session.send(envelope('a@example.org'), endless().open);
  expect(recipients).toMatchObject([
    { outcome: 'refused', failure: { reason: 'unsolicited', permanent: false } },
  ]);
});

test.each([
  ['MAIL', '354 go\r\n'],
  ['RCPT', '354 go\r\n'],
  ['DATA', '250 ok\r\n'],
] as const)('%s answered %j makes no sense and ends the connection', async (event, answer) => {
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

test('one recipient is refused for good, one for now, one is accepted', async () => {
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

test('a refusal at RCPT stays when the connection breaks later', async () => {
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

test('354 although nobody is accepted: a lone dot, whose answer counts for nothing', async () => {
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

describe.each(kinds)('too many recipients, %s', (_kind, extensions) => {
  const five = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.org`);

  /** Takes so many recipients in a transaction. */
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
  ])('%j: the rest follows at once', async (reply) => {
    const server = await start(limited(2, reply), extensions);
    const session = await opened(server.port);
    const { recipients } = await session.send(envelope(...five), message);
    expect(recipients.map(({ outcome }) => outcome)).toEqual(five.map(() => 'accepted'));
    expect(server.messages.length).toBe(3);
    expect(server.connections()).toBe(1);
    // No RSET: an accepted message leaves nothing behind.
    expect(server.commands).not.toContain('RSET');
  });

  test.each([
    ['452 4.2.2 mailbox full\r\n', false],
    ['452 4.3.1 no space\r\n', false],
    ['552 5.2.2 mailbox full\r\n', true],
    ['452 quota exceeded\r\n', false],
  ])('%j is about the mailbox', async (reply, permanent) => {
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

  test('the first recipient of a transaction is no limit: it is refused for now', async () => {
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

  test('RCPTMAX and MAILMAX (RFC 9422) are kept', async () => {
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

describe('a connection that the server is done with', () => {
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

  test('a reply that nobody asked for, while idle, is a failure', async () => {
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

  test('421 at RCPT of a later message is a failure: the server has begun with the message', async () => {
    const server = await start((now, nth) => (now === 'RCPT' && nth === 2 ? bye : undefined));
    const session = await used(server);
    const { recipients } = await session.send(envelope('b@example.org'), message);
    expect(recipients).toMatchObject([
      { outcome: 'refused', failure: { stage: 'rcpt', code: 421 } },
    ]);
    expect(session.end()).toMatchObject({ how: 'failed' });
  });

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

describe('EHLO', () => {
  test.each(['500 what\r\n', '502 5.5.1 not implemented\r\n', '504 what\r\n'])(
    '%j: HELO follows, and nothing is offered',
    async (answer) => {
      const server = await start((now) => (now === 'EHLO' ? answer : undefined));
      const session = await opened(server.port);
      expect(server.commands).toEqual(['EHLO relay.example.net', 'HELO relay.example.net']);
      expect(session.capabilities).toMatchObject({ pipelining: false, size: false });
      const { recipients } = await session.send(envelope('a@example.org'), message);
      expect(recipients).toMatchObject([{ outcome: 'accepted' }]);
      expect(server.commands).toContain('MAIL FROM:<sender@example.net>');
    },
  );

  test('another refusal is about us: no HELO', async () => {
    const server = await start((now) => (now === 'EHLO' ? '550 5.7.1 bad name\r\n' : undefined));
    const error = await open(server.port).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: { stage: 'ehlo', code: 550, permanent: true } });
    expect(server.commands).not.toContain('HELO relay.example.net');
  });

  test('a refused HELO fails the session', async () => {
    const server = await start((now) =>
      now === 'EHLO' ? '500 what\r\n' : now === 'HELO' ? '550 no\r\n' : undefined,
    );
    const error = await open(server.port).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: { stage: 'helo', code: 550 } });
  });
});

test('521 (RFC 7504) in the greeting: permanent, and the server gets QUIT', async () => {
  const server = await start((now) => (now === 'greeting' ? '521 5.3.2 no mail\r\n' : undefined));
  const error = await open(server.port).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ failure: { stage: 'greeting', code: 521, permanent: true } });
  await expect.poll(() => server.commands).toEqual(['QUIT']);
});

test('close sends QUIT and waits for the end', async () => {
  const server = await start(() => undefined);
  const session = await opened(server.port);
  await Promise.all([session.close(), session.close()]);
  expect(server.commands).toEqual(['EHLO relay.example.net', 'QUIT']);
  expect(session.end()).toEqual({ how: 'closed' });
  expect(session.isUsable()).toBe(false);
});

test('a server that does not answer QUIT is left', async () => {
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
    const session = await opened(server.port, { timeouts: { ...patient, attempt: 250 } });
    const { recipients } = await session.send(envelope('a@example.org'), message);
    expect(recipients).toMatchObject([{ failure: { stage: 'rcpt', reason: 'timeout' } }]);
  });

  test('a signal stops the opening', async () => {
    const server = await start(silentAt('EHLO'));
    const stop = new AbortController();
    const opening = open(server.port, { signal: stop.signal });
    await expect.poll(() => server.commands.length).toBe(1);
    stop.abort();
    await expect(opening).rejects.toMatchObject({ failure: { stage: 'ehlo', reason: 'aborted' } });
  });

  test('a signal also stops the QUIT after a refusal', async () => {
    const server = await start((now) =>
      now === 'greeting' ? '554 5.7.1 no\r\n' : now === 'QUIT' ? {} : undefined,
    );
    const stop = new AbortController();
    await expect(open(server.port, { signal: stop.signal })).rejects.toThrow('greeting');
    await expect.poll(() => server.commands).toEqual(['QUIT']);
    expect(server.open()).toBe(1);
    stop.abort();
    await expect.poll(() => server.open()).toBe(0);
  });

  test.each([
    ['DATA', 'refused', 'data'],
    ['dot', 'unknown', 'final_dot'],
  ] as const)('a signal stops a message at %s', async (event, outcome, stage) => {
    const server = await start(silentAt(event), ['PIPELINING']);
    const session = await opened(server.port);
    const stop = new AbortController();
    const sending = session.send(envelope('a@example.org'), message, stop.signal);
    await expect
      .poll(() => server.commands.length + server.messages.length)
      .toBe(event === 'dot' ? 5 : 4);
    stop.abort();
    expect((await sending).recipients).toMatchObject([
      { outcome, failure: { stage, reason: 'aborted' } },
    ]);
    expect(session.end()).toMatchObject({ how: 'failed', failure: { reason: 'aborted' } });
  });

  test('a signal that came before sends nothing', async () => {
    const server = await start(() => undefined);
    const session = await opened(server.port);
    const result = await session.send(envelope('a@example.org'), message, AbortSignal.abort());
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

  test('a second message at the same time is a mistake of the caller', async () => {
    const server = await start(silentAt('MAIL'));
    const session = await opened(server.port);
    const sending: Promise<SendResult> = session.send(envelope('a@example.org'), message);
    await expect(session.send(envelope('b@example.org'), message)).rejects.toThrow('is being sent');
    session.break();
    await sending;
  });
});

describe('content', () => {
  test('that cannot be read ends the connection, and nothing is delivered', async () => {
    const server = await start(() => undefined, ['PIPELINING']);
    const session = await opened(server.port);
    const why = new Error('spool is away');
    const result = await session.send(envelope('a@example.org'), async function* () {
      yield message;
      throw why;
    });
    expect(result.contentError).toBe(why);
    expect(result.recipients).toMatchObject([
      { outcome: 'refused', failure: { stage: 'content', reason: 'content', permanent: false } },
    ]);
    await session.close();
    expect(server.messages).toEqual([]);
  });

  test('is closed when the connection ends', async () => {
    const server = await start((now) => (now === 'content' ? { end: 'reset' } : undefined));
    const session = await opened(server.port);
    let isClosed = false;
    const source: AsyncIterable<Buffer> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ value: message, done: false }),
        return() {
          isClosed = true;
          return Promise.resolve({ value: undefined, done: true });
        },
      }),
    };
    await session.send(envelope('a@example.org'), () => source);
    expect(isClosed).toBe(true);
  });

  test('is opened anew for each transaction', async () => {
    const server = await start(() => undefined, ['LIMITS RCPTMAX=1']);
    const session = await opened(server.port);
    async function* read(): AsyncGenerator<Buffer> {
      yield message.subarray(0, 18);
      yield message.subarray(18);
    }
    await session.send(envelope('a@example.org', 'b@example.org'), read);
    expect(server.messages).toEqual(Array(2).fill('Subject: hello\r\n\r\n..hello\r\n'));
  });

  test('a server that takes no octets has the time of one block', async () => {
    const server = await start((now) => (now === 'DATA' ? '354 go\r\n' : undefined));
    const session = await opened(server.port, { timeouts: brief('content') });
    server.pause();
    const large = Buffer.alloc(32 * 1024 * 1024, 'x'.repeat(70) + '\r\n');
    const { recipients } = await session.send(envelope('a@example.org'), large);
    expect(recipients).toMatchObject([
      { outcome: 'refused', failure: { stage: 'content', reason: 'timeout' } },
    ]);
  });
});

test('no connection: a failure of the stage connect', async () => {
  const server = await start(() => undefined);
  server.close();
  await expect(open(server.port)).rejects.toMatchObject({
    failure: { stage: 'connect', reason: 'lost', enhancedCode: '4.4.1', permanent: false },
  });
});

test('an open socket that the server has closed already', async () => {
  const server = await start((now) => (now === 'greeting' ? { end: 'close' } : undefined));
  const error = await open(server.port).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ failure: { stage: 'greeting', reason: 'closed' } });
});
