import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { openSession } from '../src/courier/open-session.ts';
import { SessionError, type Transaction } from '../src/courier/session.ts';
import { verdictsOf } from '../src/courier/verdict.ts';

/** What the server of this moment says: one entry at the start and after each line that it gets. */
let script: readonly (readonly Buffer[])[] = [];
/** Whether a line with the final dot has come. */
let taken = false;
let server: Server;

beforeAll(async () => {
  server = createServer((socket) => {
    const left = [...script];
    taken = false;
    const speak = (): void => {
      const words = left.shift();
      if (words === undefined) socket.end();
      else for (const chunk of words) socket.write(chunk);
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (chunk.toString().endsWith('\r\n.\r\n')) taken = true;
      for (const _line of chunk.toString().matchAll(/^(?:EHLO|HELO|MAIL|RCPT|DATA|\.|RSET|QUIT)/gm))
        speak();
    });
    speak();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

const code = fc.constantFrom(
  '220',
  '250',
  '354',
  '421',
  '450',
  '550',
  '554',
  '99',
  '2500',
  'abc',
  '',
);
const words = fc.constantFrom(
  ' ok',
  '-SIZE 100',
  '-PIPELINING',
  ' 5.1.1 no',
  '',
  ' \0',
  ' ü',
  '\t',
  ' x'.repeat(5_000),
);
const end = fc.constantFrom('\r\n', '\n', '', '\r\n\r\n', '\r');
const noise = fc.tuple(code, words, end).map((parts) => parts.join(''));
const usual = [
  '220 x ESMTP',
  '250-x\r\n250-8BITMIME\r\n250 SIZE',
  '250 ok',
  '250 ok',
  '354 go',
  '250 ok',
];

/** What a server says at one step: as it should be, or not; cut into chunks anywhere. */
const said = fc
  .tuple(fc.array(noise, { maxLength: 3 }), fc.array(fc.nat({ max: 40 }), { maxLength: 2 }))
  .map(([lines, cuts]) => ({ text: lines.join(''), cuts }));
const conversation = fc
  .array(fc.option(said, { freq: 3, nil: undefined }), { minLength: 6, maxLength: 6 })
  .map((steps) =>
    steps.map((step, n) => {
      const octets = Buffer.from(step?.text ?? `${usual[n] ?? ''}\r\n`);
      const cuts = [...(step?.cuts ?? [])].sort((a, b) => a - b);
      return [...cuts, octets.length].map((cut, at) => octets.subarray(cuts[at - 1] ?? 0, cut));
    }),
  );

const times = { greetingTimeout: 100, commandTimeout: 100, finalReplyTimeout: 100 };

async function deliver(): Promise<Transaction | undefined> {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  try {
    const session = await openSession({ socket, host: 'mx', name: 'relay', tls: false, times });
    const result = await session.transact(
      {
        reversePath: 'a@example.org',
        recipients: ['b@example.net'],
        size: 20,
        smtputf8: false,
        eightBit: false,
      },
      [Buffer.from('Subject: x\r\n\r\nx\r\n')],
    );
    session.close();
    return result;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return undefined;
  } finally {
    socket.destroy();
  }
}

fuzz(
  'whatever a server says, an attempt ends with a verdict, and delivered is only what it took after the final dot',
  [conversation],
  async (steps) => {
    script = steps;
    const result = await deliver();
    if (result === undefined) return;
    expect(result.end).not.toBe('content_failed');
    const [verdict, ...more] = verdictsOf(result, 1);
    expect(more).toEqual([]);
    if (verdict?.kind === 'delivered') expect(taken).toBe(true);
  },
  15,
);
