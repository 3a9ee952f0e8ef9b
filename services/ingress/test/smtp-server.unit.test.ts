import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { describe, expect, test } from 'vitest';

// One test for each part of patches/smtp-server@*.patch. They speak to the library alone.

/** Sends `octets` in one go to a server of the library, then closes this side or waits. */
async function talk(
  octets: string,
  options: SMTPServerOptions = {},
  ending: 'half-close' | 'wait' = 'half-close',
): Promise<string> {
  const server = new SMTPServer({
    logger: false,
    disableReverseLookup: true,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    greetingDelay: 0,
    ...options,
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  socket.write(octets);
  if (ending === 'half-close') socket.end();
  const answer = await text(socket);
  socket.destroy();
  server.server.close();
  return answer;
}

/** What a message that comes in these pieces is after the dots are taken out. */
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

describe('a bare LF (RFC 5321 2.3.8)', () => {
  test('ends the connection if it ends a command', async () => {
    const answer = await talk('EHLO x\nNOOP\n', { rejectBareLF: true }, 'wait');
    expect(answer).toMatch(/^220 .*\r\n521 Error: bare <LF> received\r\n$/);
  });

  test('so does one in the middle of pipelined commands, and what came before is answered', async () => {
    const options = { rejectBareLF: true, hideENHANCEDSTATUSCODES: false };
    const answer = await talk('NOOP\r\nNOOP\nNOOP\r\n', options, 'wait');
    expect(answer).toMatch(/^220 .*\r\n250 .*\r\n521 5\.5\.2 .*\r\n$/);
  });

  test('is taken unless the option is set, as before', async () => {
    expect(await talk('NOOP\nQUIT\n')).toMatch(/\r\n250 .*\r\n221 .*\r\n$/);
  });

  test('a command without any line end is none', async () => {
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

  test('reads the answer to its message', async () => {
    expect(await talk(`${mail}Hello\r\n.\r\nQUIT\r\n`, slowly)).toMatch(
      /\r\n250 taken\r\n221 .*\r\n$/,
    );
    expect(await talk(`${mail}Hello\r\n.\r\n`, slowly)).toMatch(/\r\n250 taken\r\n$/);
  });

  test('has its connection closed if it has left in the middle of a message', async () => {
    expect(await talk(`${mail}Hello\r\n`, slowly)).toMatch(/\r\n354 .*\r\n$/);
  });

  test('or between commands', async () => {
    expect(await talk('NOOP\r\n')).toMatch(/\r\n250 .*\r\n$/);
  });
});

describe('AUTH', () => {
  const options = { authOptional: false, disabledCommands: [], allowInsecureAuth: true };

  test('counts as a command without authentication, also if it is pipelined', async () => {
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

test('the greeting comes at once if there is no delay', async () => {
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
