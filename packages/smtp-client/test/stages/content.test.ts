import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connect, openSession } from '../../src/index.ts';
import { envelope, message, patient } from '../client.ts';
import { brief, each, isSilent, kinds } from './faults.ts';
import { opened, start } from './scene.ts';

describe.each(kinds)('%s', (_kind, extensions) => {
  test.concurrent.each(each)(
    'while the message is sent: %s breaks the connection',
    async (name, fault) => {
      // Silence is no failure here: no reply is due before the final dot.
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

test('a reply before the end of a large message in memory breaks the connection', async () => {
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

test('a 250 that is read before the socket reports the last octets as sent is a success', async () => {
  const server = await start(() => undefined);
  const socket = await connect({ address: '127.0.0.1', port: server.port });
  sayLate(socket);
  const tls = { use: 'never', because: 'policy' } as const;
  const session = await openSession({ socket, name: 'relay.example.net', tls, timeouts: patient });
  for (let n = 0; n < 2; n += 1) {
    const { recipients } = await session.send(envelope('a@example.org'), message);
    expect(recipients).toMatchObject([{ outcome: 'accepted' }]);
  }
  await session.close();
  expect(server.messages).toHaveLength(2);
});

/** As with TLS on a slow machine: the octets have left long before the callback of the write. */
function sayLate(socket: Socket): void {
  type Write = (chunk: unknown, encoding: unknown, done: (error?: Error | null) => void) => void;
  const inner = socket as unknown as { _write: Write; _writev?: null };
  const write = inner._write.bind(socket);
  inner._write = (chunk, encoding, done) =>
    write(chunk, encoding, (error) => void setTimeout(() => done(error), 100));
  // Piece by piece.
  inner._writev = null;
}

test('250 before the final dot is no success', async () => {
  const server = await start((now) => (now === 'content' ? '250 2.0.0 taken\r\n' : undefined));
  const session = await opened(server.port);
  const { recipients } = await session.send(envelope('a@example.org'), endless().open);
  expect(recipients).toMatchObject([
    { outcome: 'refused', failure: { reason: 'unsolicited', permanent: false } },
  ]);
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

  test('a server that does not read has the time of one block', async () => {
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
