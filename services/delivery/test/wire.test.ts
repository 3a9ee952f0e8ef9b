import { eventually } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { plainMessage } from './mail.ts';
import { selfSigned } from './self-signed.ts';
import { openStage, type Stage } from './stage.ts';
import { startWorld, type World } from './world.ts';

const certificate = selfSigned();

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let stage: Stage;
beforeEach(() => {
  stage = openStage(world);
});
afterEach(() => stage.cleanup.disposeAsync());

test('STARTTLS is used if it is offered, with any certificate; the attempt has the TLS version', async () => {
  const { peer } = await stage.startWith({ options: certificate });
  const event = await stage.firstEvent(await world.send());
  expect(event.status).toBe('delivered');
  expect(peer.received[0]?.secure).toBe(true);
  expect(world.attemptsOf(event)[0]).toMatchObject({
    tlsVersion: 'TLSv1.3',
    cipher: expect.stringMatching(/^TLS_/) as string,
    verifiedBy: null,
    certificateProblem: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    clearBecause: null,
  });
});

test('if TLS fails the mail is delivered in clear on a new connection (RFC 7435)', async () => {
  const { peer } = await stage.startWith({
    options: {
      ...certificate,
      // Ciphers without a certificate, which no client offers by default.
      maxVersion: 'TLSv1.2',
      ciphers: 'AECDH-AES128-SHA:@SECLEVEL=0',
    },
  });
  const event = await stage.firstEvent(await world.send());
  expect(event.status).toBe('delivered');
  expect(peer.received[0]?.secure).toBe(false);
  expect(world.attemptsOf(event)[0]).toMatchObject({
    tlsVersion: null,
    cipher: null,
    verifiedBy: null,
    certificateProblem: null,
    clearBecause: 'tls_failed',
  });
  expect(peer.connections()).toBe(2);
});

const utf8Message = plainMessage.replace('Subject: Test', 'Subject: Grüße');

test('SMTPUTF8 is declared for a message whose header needs it although its addresses do not', async () => {
  const { peer } = await stage.startWith({});
  const id = await world.send({ message: utf8Message, smtputf8: true, eightBit: true });
  expect((await stage.firstEvent(id)).status).toBe('delivered');
  expect(peer.received[0]?.parameters).toMatchObject({ SMTPUTF8: true, BODY: '8BITMIME' });
});

test('SMTPUTF8 is declared once if an address needs it too, and never if nothing needs it', async () => {
  const { lines } = await stage.startTranscribed('250-SMTPUTF8\r\n250 8BITMIME');
  const first = await world.send({ to: ['jörg@a.test'], smtputf8: true, eightBit: true });
  await stage.firstEvent(first);
  const second = await world.send();
  await stage.firstEvent(second);
  const mail = lines.filter((line) => line.startsWith('MAIL'));
  expect(mail).toEqual([
    'MAIL FROM:<hello@demo.example.org> BODY=8BITMIME SMTPUTF8',
    'MAIL FROM:<hello@demo.example.org>',
  ]);
});

test.each<[string, object, object, string]>([
  ['SMTPUTF8', { hideSMTPUTF8: true }, { smtputf8: true, eightBit: true }, '5.6.7'],
  ['8BITMIME', { hide8BITMIME: true }, { eightBit: true }, '5.6.3'],
])('mail that needs %s bounces at a hop without it', async (_name, options, needs, code) => {
  const { peer } = await stage.startWith({ options });
  const event = await stage.firstEvent(await world.send({ ...needs, message: utf8Message }));
  expect(event.status).toBe('bounced');
  expect(world.attemptsOf(event)[0]?.enhancedCode).toBe(code);
  // The DSN contains this header, and is sent over the same hop. The event comes before it.
  await eventually(() =>
    expect(peer.received).toMatchObject([{ from: '', to: ['hello@demo.example.org'] }]),
  );
  await eventually(async () => expect(await world.open()).toEqual([]));
  expect(peer.attempted.filter(({ from }) => from !== '')).toEqual([]);
  expect(Object.keys(peer.received[0]?.parameters ?? {})).toEqual(['SIZE']);
  const dsn = peer.received[0]?.raw.toString() ?? '';
  const quoted = /global-headers\r\n.*: base64\r\n\r\n([^]*?)\r\n--/.exec(dsn)?.[1] ?? '';
  expect(Buffer.from(quoted, 'base64').toString()).toContain('Subject: Grüße\r\n');
});

test('a message larger than the limit of the hop bounces without being sent', async () => {
  const { peer } = await stage.startWith({ options: { size: 2_000 } });
  const message = `${plainMessage}${'x'.repeat(70)}\r\n`.padEnd(5_000, 'y\r\n');
  const event = await stage.firstEvent(await world.send({ message, from: '' }));
  expect(event.status).toBe('bounced');
  expect(world.attemptsOf(event)[0]).toMatchObject({ enhancedCode: '5.3.4' });
  expect(peer.attempted).toEqual([]);
});

test('every address is sent as it is in the envelope, one RCPT each', async () => {
  const { lines } = await stage.startTranscribed('250 PIPELINING');
  const to = [
    '"a,b"@a.test',
    '"x y"@a.test',
    "o'neil+tag@a.test",
    'UPPER@A.test',
    '"q\\"q"@a.test',
  ];
  await stage.firstEvent(await world.send({ to }));
  expect(lines.filter((line) => line.startsWith('RCPT'))).toEqual(
    to.map((address) => `RCPT TO:<${address}>`),
  );
});

test('an address that does not fit into a command bounces, the others are delivered', async () => {
  const { lines } = await stage.startTranscribed('250 PIPELINING');
  const id = await world.send({ to: ['"a>b"@a.test', 'good@a.test'], from: '' });
  await eventually(() => expect(world.eventsOf(id)).toHaveLength(2));
  const events = world.eventsOf(id).toSorted((a, b) => a.n - b.n);
  expect(events.map(({ status }) => status)).toEqual(['bounced', 'delivered']);
  expect(lines.filter((line) => line.startsWith('RCPT'))).toEqual(['RCPT TO:<good@a.test>']);
});

test('dots are stuffed, and a missing final CRLF is added', async () => {
  const { lines } = await stage.startTranscribed('250 PIPELINING');
  await stage.firstEvent(await world.send({ message: 'A: b\r\n\r\n.\r\n..x\r\nend' }));
  const data = lines.slice(lines.indexOf('DATA') + 1, lines.indexOf('.') + 1);
  expect(data).toEqual(['A: b', '', '..', '...x', 'end', '.']);
});
