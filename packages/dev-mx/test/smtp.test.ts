import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { submitMail, startMx, talkOver, talkTo, type Mx } from './mx-process.ts';

let mx: Mx;
beforeAll(async () => {
  mx = await startMx();
});
afterAll(() => mx[Symbol.asyncDispose]());

let before: Set<string>;
beforeEach(async () => {
  before = new Set((await mx.arrived()).map(({ name }) => name));
});

async function fresh() {
  return (await mx.arrived()).filter(({ name }) => !before.has(name));
}

const mail = 'Subject: hi\r\nFrom: hello@example.org\r\n\r\nOne\r\n';

describe('the stored mail', () => {
  test('is equal to the received octets, below its two lines', async () => {
    const content = Buffer.concat([
      Buffer.from('Subject: =?x?=\r\nX-Odd:\t \r\n\r\n\r\n.one dot\r\n..\r\n...\r\n. \r\n'),
      Buffer.from([0x80, 0xff, 0xc3, 0x28, 0x01, 0x7f, 0x0d, 0x0a]),
      Buffer.from('   trailing   \r\n\r\n\r\n'),
    ]);
    const stuffed = Buffer.from(content.toString('latin1').replaceAll(/^\./gm, '..'), 'latin1');
    expect(await submitMail(mx.smtpPort, stuffed)).toMatch(/^250 2\.6\.0/);
    const [stored] = await fresh();
    const head = 'Return-Path: <hello@example.org>\r\nDelivered-To: someone@example.net\r\n';
    expect(stored?.content.toString('latin1')).toBe(head + content.toString('latin1'));
  });

  test('does not depend on the boundaries of the chunks', async () => {
    using talk = await talkTo(mx.smtpPort);
    talk.socket.setNoDelay(true);
    await talk.say('MAIL FROM:<hello@example.org>\r\n');
    await talk.say('RCPT TO:<someone@example.net>\r\n');
    await talk.say('DATA\r\n');
    for (const octet of 'a: b\r\n\r\n..\r\n...x\r\n\r\n..') {
      talk.socket.write(octet);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await talk.say('\r\n.\r\n')).toMatch(/^250/);
    const [stored] = await fresh();
    expect(stored?.content.toString()).toMatch(
      /someone@example\.net\r\na: b\r\n\r\n\.\r\n\.\.x\r\n\r\n\.\r\n$/,
    );
  });

  test('is one file per recipient, with the address as given', async () => {
    const to = [
      'someone@example.net',
      'Someone@example.net',
      'someone@xn--bcher-kva.example.net',
      'jos\u00e9@example.net',
      'odd..local.@[192.0.2.1]',
    ];
    expect(
      await submitMail(mx.smtpPort, mail, { from: '', to: [...to, 'someone@example.net'] }),
    ).toMatch(/^250/);
    const stored = await fresh();
    expect(stored.map(({ content }) => content.toString()).sort()).toEqual(
      to.map((address) => `Return-Path: <>\r\nDelivered-To: ${address}\r\n${mail}`).sort(),
    );
    for (const { name } of stored) expect(name).not.toMatch(/example|someone/i);
  });

  test('is the same for a mail that does not fit in memory, for every recipient', async () => {
    const content = `Subject: large\r\n\r\n${`${randomBytes(38).toString('hex')}\r\n`.repeat(70_000)}`;
    const to = ['a@example.net', 'b@example.net', 'c@example.net'];
    expect(await submitMail(mx.smtpPort, content, { to })).toMatch(/^250/);
    const stored = await fresh();
    expect(stored).toHaveLength(3);
    for (const { name, content: octets } of stored) {
      expect(octets.subarray(octets.indexOf('Subject')).equals(Buffer.from(content))).toBe(true);
      expect(name).toMatch(new RegExp(`,S=${String(octets.length)}$`));
    }
    expect(await readdir(path.join(mx.maildir, 'tmp'))).toEqual([]);
  });

  test('does not exist if the mail is over 64 MiB', async () => {
    using talk = await talkTo(mx.smtpPort);
    expect(await talk.say('MAIL FROM:<a@example.org> SIZE=67108865\r\n')).toMatch(/^552/);
    const line = Buffer.alloc(1024 * 1024, `${'x'.repeat(62)}\r\n`);
    expect(await submitMail(mx.smtpPort, Buffer.concat(Array(65).fill(line)))).toMatch(
      /^552 5\.3\.4/,
    );
    expect(await fresh()).toEqual([]);
    expect(await readdir(path.join(mx.maildir, 'tmp'))).toEqual([]);
  });

  test.each([10, 300_000])(
    'does not exist if the client disconnects after %i lines',
    async (lines) => {
      using talk = await talkTo(mx.smtpPort);
      await talk.say('MAIL FROM:<a@example.org>\r\n');
      await talk.say('RCPT TO:<b@example.net>\r\n');
      await talk.say('DATA\r\n');
      talk.socket.end('Subject: half\r\n\r\n' + 'half\r\n'.repeat(lines));
      await once(talk.socket, 'close');
      await eventually(async () => expect(await readdir(path.join(mx.maildir, 'tmp'))).toEqual([]));
      expect(await fresh()).toEqual([]);
    },
  );
});

describe('the session', () => {
  test('accepts a pipelined burst and several mails', async () => {
    using talk = await talkTo(mx.smtpPort);
    const burst =
      'MAIL FROM:<a@example.org> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<b@example.net>\r\nDATA\r\n';
    for (let round = 0; round < 3; round += 1) {
      talk.socket.write(burst);
      expect(await talk.reply()).toMatch(/^250 2\.1\.0/);
      expect(await talk.reply()).toMatch(/^250 2\.1\.5/);
      expect(await talk.reply()).toMatch(/^354/);
      expect(await talk.say(`${mail}.\r\n`)).toMatch(/^250/);
    }
    expect(await fresh()).toHaveLength(3);
  });

  test('offers its extensions, and STARTTLS with the local certificate', async () => {
    using talk = await talkTo(mx.smtpPort);
    const offered = await talk.say('EHLO again.example.org\r\n');
    for (const extension of [
      'PIPELINING',
      '8BITMIME',
      'SMTPUTF8',
      'STARTTLS',
      'SIZE 67108864',
      'ENHANCEDSTATUSCODES',
    ]) {
      expect(offered).toContain(extension);
    }
    expect(offered).not.toContain('AUTH');
    expect(await talk.say('STARTTLS\r\n')).toMatch(/^220/);
    talk.socket.removeAllListeners('data');
    const ca = await readFile(mx.caFile);
    const socket = connectTls({ socket: talk.socket, servername: 'localhost', ca });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    using secure = talkOver(socket);
    expect(await secure.say('EHLO client.example.org\r\n')).not.toContain('STARTTLS');
    await secure.say('MAIL FROM:<a@example.org>\r\n');
    await secure.say('RCPT TO:<b@example.net>\r\n');
    await secure.say('DATA\r\n');
    expect(await secure.say(`${mail}.\r\n`)).toMatch(/^250/);
    expect(await fresh()).toHaveLength(1);
  });

  test('ends within a second after SIGTERM, with 421 for open transactions', async () => {
    const other = await startMx();
    using inData = await talkTo(other.smtpPort);
    using idle = await talkTo(other.smtpPort);
    await inData.say('MAIL FROM:<a@example.org>\r\n');
    await inData.say('RCPT TO:<b@example.net>\r\n');
    await inData.say('DATA\r\n');
    inData.socket.write('Subject: half\r\n\r\n');
    const [first, second, end] = await Promise.all([inData.reply(), idle.reply(), other.kill()]);
    expect(first).toMatch(/^421/);
    expect(second).toMatch(/^421/);
    expect(end.code).toBe(0);
    expect(end.milliseconds).toBeLessThan(1_000);
    expect(await other.arrived()).toEqual([]);
    await other[Symbol.asyncDispose]();
  });
});
