import { text } from 'node:stream/consumers';
import type { SMTPServerOptions } from 'smtp-server';
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { describe, expect, test } from 'vitest';
import { talk } from './support/library.ts';

// One test for each part of patches/smtp-server@*.patch. Tests of the library alone.

/** The message from these pieces, after dot-unstuffing. */
async function received(pieces: readonly string[]): Promise<string> {
  const parser = new SMTPStream();
  parser.oncommand = (_command, callback) => callback?.();
  const message = text(parser.startDataMode());
  for (const piece of pieces) parser.write(piece);
  const result = await message;
  parser.destroy();
  return result;
}

describe('dots (RFC 5321 4.5.2)', () => {
  test.each([
    ['. \r\n', ' \r\n'],
    ['.\tx\r\n', '\tx\r\n'],
    ['a\r\n. \r\nb\r\n', 'a\r\n \r\nb\r\n'],
    ['a\r\n.x\r\n', 'a\r\nx\r\n'],
    ['..\r\n', '.\r\n'],
    ['a\r\n..\r\n...\r\n', 'a\r\n.\r\n..\r\n'],
    ['a.\r\n a. b\r\n', 'a.\r\n a. b\r\n'],
    ['..\r\n.. \r\n...\r\n..x\r\n', '.\r\n. \r\n..\r\n.x\r\n'],
    ['.\n.\r\n\n.x\r\n', '\n.\r\n\n.x\r\n'],
    ['', ''],
  ])('%j is %j, however it is cut', async (sent, expected) => {
    const whole = `${sent}.\r\n`;
    expect(await received([whole])).toBe(expected);
    expect(await received(whole.split(''))).toBe(expected);
    for (let cut = 1; cut < whole.length; cut += 1) {
      expect(await received([whole.slice(0, cut), whole.slice(cut)])).toBe(expected);
    }
  });
});

test('a message of escaped dots is passed on in the turn of the event loop in which it arrives', () => {
  const parser = new SMTPStream();
  const message = parser.startDataMode();
  parser.write('..\r\n'.repeat(10_000));
  // The last line may belong to the final dot.
  expect(message.read()).toHaveLength(3 * 9_999);
  parser.destroy();
});

describe('a bare LF (RFC 5321 2.3.8)', () => {
  test('ends the connection if it ends a command', async () => {
    const answer = await talk('EHLO x\nNOOP\n', { rejectBareLF: true }, 'wait');
    expect(answer).toMatch(/^220 .*\r\n521 Error: bare <LF> received\r\n$/);
  });

  test('ends the connection in the middle of pipelined commands too, and earlier commands are answered', async () => {
    const options = { rejectBareLF: true, hideENHANCEDSTATUSCODES: false };
    const answer = await talk('NOOP\r\nNOOP\nNOOP\r\n', options, 'wait');
    expect(answer).toMatch(/^220 .*\r\n250 .*\r\n521 5\.5\.2 .*\r\n$/);
  });

  test('is accepted unless the option is set', async () => {
    expect(await talk('NOOP\nQUIT\n')).toMatch(/\r\n250 .*\r\n221 .*\r\n$/);
  });

  test('without any line end there is no command', async () => {
    expect(await talk('NOOP', { rejectBareLF: true })).toMatch(/^220 .*\r\n$/);
  });
});

describe('a client that closes its side (RFC 9293 3.6)', () => {
  const mail = 'EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n';
  const slowly: SMTPServerOptions = {
    onData(stream, _session, callback) {
      stream.resume().on('end', () => setTimeout(() => callback(null, 'taken'), 100));
    },
  };

  test('gets the reply to its message', async () => {
    expect(await talk(`${mail}Hello\r\n.\r\nQUIT\r\n`, slowly)).toMatch(
      /\r\n250 taken\r\n221 .*\r\n$/,
    );
    expect(await talk(`${mail}Hello\r\n.\r\n`, slowly)).toMatch(/\r\n250 taken\r\n$/);
  });

  test('has its connection closed if it closed its side in the middle of a message', async () => {
    expect(await talk(`${mail}Hello\r\n`, slowly)).toMatch(/\r\n354 .*\r\n$/);
  });

  test('has its connection closed if it closed its side between commands', async () => {
    expect(await talk('NOOP\r\n')).toMatch(/\r\n250 .*\r\n$/);
  });
});

describe('AUTH', () => {
  const options = { authOptional: false, disabledCommands: [], allowInsecureAuth: true };

  test('counts as a command without authentication, even if it is pipelined', async () => {
    const answer = await talk(`EHLO x\r\n${'AUTH PLAIN AA==\r\n'.repeat(300)}`, {
      ...options,
      maxAllowedUnauthenticatedCommands: 20,
    });
    expect(answer.match(/^501 /gm)).toHaveLength(18);
    expect(answer).toMatch(/\r\n421 .*\r\n$/);
  });

  test('is not offered while it would be refused (RFC 4954 4)', async () => {
    expect(await talk('EHLO x\r\n', { ...options, allowInsecureAuth: false })).not.toMatch(/AUTH/);
    expect(await talk('EHLO x\r\n', options)).toMatch(/AUTH/);
  });
});

test('the greeting is sent at once if there is no delay', async () => {
  expect(await talk('EHLO x\r\n', { greetingDelay: 0 })).toMatch(/^220 .*\r\n250-/);
  expect(await talk('EHLO x\r\n', { greetingDelay: 100 })).toMatch(/^421 .*too soon/);
});

describe('addresses (RFC 5321 4.1.2)', () => {
  async function given(address: string): Promise<string | undefined> {
    let seen: string | undefined;
    await talk(`EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:${address}\r\nQUIT\r\n`, {
      onRcptTo(recipient, _session, callback) {
        seen = recipient.given;
        callback();
      },
    });
    return seen;
  }

  test.each([
    '"odd user"@example.net',
    '"x@victim.example"@example.net',
    '"foo..bar"@example.net',
    String.raw`"a\"b> <"@example.net`,
    'x@ex_ample.net',
    'u@xn--ab-yuc.com',
    'a@[IPv6:2001:DB8:0:0:0:0:0:1]',
    'Postmaster',
  ])('<%s> is taken as it is', async (address) => {
    expect(await given(`<${address}>`)).toBe(address);
    expect(await given(`<@route.example:${address}>`)).toBe(address);
  });

  test.each([
    'a@-b.test',
    'a@b.test-',
    'a@b-.test',
    'odd user@example.net',
    'a@b@example.net',
    '"a"b"@example.net',
    '"a"b@example.net',
    '"a@example.net',
    'foo..bar@example.net',
    '<a@example.net>',
  ])('<%s> is not', async (address) => {
    expect(await given(`<${address}>`)).toBeUndefined();
  });
});

describe('local parts with dots anywhere', () => {
  test.each(['foo..bar@example.net', 'foo.@example.net', '.foo@example.net'])(
    '<%s> is accepted only with the option',
    async (address) => {
      const lines = `EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<${address}>\r\n`;
      expect(await talk(lines)).toMatch(/\r\n501 .*\r\n$/);
      expect(await talk(lines, { allowDots: true })).toMatch(/\r\n250 .*\r\n$/);
    },
  );
});

describe('command lines (RFC 5321 4.5.3.1.4)', () => {
  const options: SMTPServerOptions = { strictCommandLength: true, hideENHANCEDSTATUSCODES: false };
  const tooLong = '500 5.5.2 Error: command line too long';
  /** Replies without the greeting and those to EHLO. */
  async function replies(octets: string, more: SMTPServerOptions = {}): Promise<string[]> {
    const answer = await talk(`EHLO x\r\n${octets}`, { ...options, ...more });
    return answer
      .split('\r\n')
      .filter((line) => line !== '' && !/^(?:220 |250[ -][^2])/.test(line));
  }

  test('are refused beyond 512 octets, and the next commands are answered', async () => {
    expect(await replies(`NOOP ${'x'.repeat(505)}\r\nNOOP\r\n`)).toEqual([
      '250 2.0.0 OK',
      '250 2.0.0 OK',
    ]);
    expect(await replies(`NOOP ${'x'.repeat(506)}\r\nNOOP\r\n`)).toEqual([tooLong, '250 2.0.0 OK']);
    expect(await replies(`${'x'.repeat(300_000)}\r\nNOOP\r\n`)).toEqual([tooLong, '250 2.0.0 OK']);
  });

  test('MAIL may be longer because of its parameters, AUTH because of its response', async () => {
    const [mail] = await replies(`MAIL FROM:<> AUTH=${'x'.repeat(540)}\r\n`);
    expect(mail).toMatch(/^250 /);
    expect(await replies(`MAIL FROM:<> AUTH=${'x'.repeat(1_100)}\r\n`)).toEqual([tooLong]);
    const withAuth = { disabledCommands: [], allowInsecureAuth: true };
    const auth = (length: number) => `AUTH PLAIN ${'A'.repeat(length)}\r\n`;
    expect((await replies(auth(12_000), withAuth))[0]).toMatch(/^501 /);
    expect(await replies(auth(13_000), withAuth)).toEqual([tooLong]);
  });

  test('a response in AUTH that is too long ends AUTH', async () => {
    const answers = await replies(`AUTH PLAIN\r\n${'A'.repeat(20_000)}\r\nNOOP\r\n`, {
      disabledCommands: [],
      allowInsecureAuth: true,
    });
    expect(answers).toEqual(['334 ', tooLong, '250 2.0.0 OK']);
  });

  test('are counted in the same way in any fragments, with a bare LF too', () => {
    const parser = new SMTPStream({ skipLongLines: true, rejectBareLF: true, maxCommandLength: 5 });
    const seen: (string | null)[] = [];
    parser.oncommand = (command, callback) => {
      seen.push(command?.toString() ?? null);
      callback?.();
    };
    for (const octet of 'abcde\r\nabcdef\r\nab\rde\r\nabcdefghi\r\n\r\nx\r\n') parser.write(octet);
    expect(seen).toEqual(['abcde', null, 'ab\rde', null, '', 'x']);
    parser.destroy();
  });

  test('ten of them end the connection', async () => {
    const long = `${'x'.repeat(600)}\r\n`;
    expect((await replies(long.repeat(20))).map((line) => line.slice(0, 3))).toEqual([
      ...Array.from({ length: 9 }, () => '500'),
      '421',
    ]);
  });

  test('close the connection unless the option is set', async () => {
    expect(await talk(`${'x'.repeat(20_000)}\r\nNOOP\r\n`)).toMatch(/\r\n421 .*too long\r\n$/);
    expect(await talk(`NOOP ${'x'.repeat(5_000)}\r\n`)).toMatch(/\r\n250 OK\r\n$/);
  });
});

test('a reply of the application keeps its own enhanced code (RFC 2034)', async () => {
  const error = (text: string) => Object.assign(new Error(text), { responseCode: 550 });
  const payload = (text: string) =>
    talk('EHLO x\r\nMAIL FROM:<>\r\n', {
      hideENHANCEDSTATUSCODES: false,
      onMailFrom: (_address, _session, callback) => callback(error(text)),
    });
  expect(await payload('5.7.1 No')).toMatch(/\r\n550 5\.7\.1 No\r\n$/);
  expect(await payload('No')).toMatch(/\r\n550 5\.\d\.\d No\r\n$/);
});
