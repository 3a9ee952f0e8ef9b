import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { rfcTimeouts, SessionFailure, type SendResult, type Timeouts } from '../src/index.ts';
import { envelope, message, open } from './client.ts';

/** The replies of the server: one entry at the start and one after each line that it gets. */
let script: readonly (readonly Buffer[])[] = [];
/** Messages whose final dot or last chunk has arrived. */
let ended = 0;
let server: Server;

beforeAll(async () => {
  server = createServer((socket) => {
    const left = [...script];
    ended = 0;
    let before = '';
    const speak = (): void => {
      const words = left.shift();
      if (words === undefined) socket.end();
      else for (const chunk of words) socket.write(chunk);
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const lines = (before + chunk.toString()).split('\r\n');
      before = lines.pop() ?? '';
      for (const line of lines) {
        if (/^\.$|^BDAT \d+ LAST$/.test(line)) ended += 1;
        if (/^(?:EHLO|HELO|MAIL|RCPT|DATA|BDAT|\.$|RSET|QUIT)/.test(line)) speak();
      }
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
  '452',
  '550',
  '554',
  '99',
  '2500',
  'abc',
  '',
);
const words = fc.constantFrom(
  ' ok',
  '-PIPELINING',
  '-LIMITS RCPTMAX=1',
  ' 5.1.1 no',
  '',
  ' \0',
  ' ü',
  '\t',
  ' x'.repeat(3_000),
);
const end = fc.constantFrom('\r\n', '\n', '', '\r\n\r\n', '\r');
const noise = fc.tuple(code, words, end).map((parts) => parts.join(''));
const usual = (bdat: boolean): readonly string[] => [
  '220 x',
  '250-x\r\n250-LIMITS RCPTMAX=2\r\n250-CHUNKING\r\n250 PIPELINING',
  '250 ok',
  '250 ok',
  '250 ok',
  bdat ? '250 ok' : '354 go',
  '250 ok',
];

/** A reply of the server at one step: correct or not, in arbitrary chunks. */
const said = fc
  .tuple(fc.array(noise, { maxLength: 3 }), fc.array(fc.nat({ max: 40 }), { maxLength: 2 }))
  .map(([lines, cuts]) => ({ text: lines.join(''), cuts }));
const conversation = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.option(said, { freq: 3, nil: undefined }), { minLength: 7, maxLength: 7 }),
  )
  .map(([bdat, steps]) => ({
    bdat,
    steps: steps.map((step, n) => {
      const octets = Buffer.from(step?.text ?? `${usual(bdat)[n] ?? ''}\r\n`);
      const positions = [0, ...(step?.cuts ?? []).sort((a, b) => a - b), octets.length];
      return positions.slice(1).map((position, at) => octets.subarray(positions[at], position));
    }),
  }));

const brief = Object.fromEntries(Object.keys(rfcTimeouts).map((stage) => [stage, 60]));
const timeouts = brief as unknown as Timeouts;

async function deliver(bdat: boolean): Promise<SendResult | undefined> {
  const { port } = server.address() as AddressInfo;
  try {
    const session = await open(port, { timeouts, bdat });
    const result = await session.send(
      envelope('a@example.org', 'b@example.org', 'c@example.org'),
      message,
    );
    session.break();
    return result;
  } catch (error) {
    // No other error may be thrown.
    expect(error).toBeInstanceOf(SessionFailure);
    return undefined;
  }
}

fuzz(
  'whatever a server sends, each recipient has a result, and none is accepted without a final dot or a last chunk',
  [conversation],
  async ({ bdat, steps }) => {
    script = steps;
    const result = await deliver(bdat);
    if (result === undefined) return;
    expect(result.recipients.length).toBe(3);
    expect(result.contentError).toBeUndefined();
    for (const one of result.recipients) {
      if (one.outcome === 'accepted') expect(ended).toBeGreaterThan(0);
      else expect(one.failure.text).not.toBe('');
      if (one.outcome === 'accepted') expect(Math.floor(one.code / 100)).toBe(2);
    }
  },
  15,
);
