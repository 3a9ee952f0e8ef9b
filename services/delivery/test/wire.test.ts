import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually, startPeer, type Behaviour, type PeerScript } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryConfig } from '../src/config.ts';
import { plainMessage } from './mail.ts';
import { startService, startWorld, type World } from './service.ts';

let world: World;
let certificate: { key: string; cert: string };
beforeAll(async () => {
  certificate = selfSigned();
  world = await startWorld();
});
afterAll(() => world.close());

let cleanup: AsyncDisposableStack;
beforeEach(() => {
  cleanup = new AsyncDisposableStack();
});
afterEach(() => cleanup.disposeAsync());

async function startAt(port: number, config: Partial<DeliveryConfig> = {}) {
  const service = await startService(world, { smarthost: { host: '127.0.0.1', port }, ...config });
  cleanup.defer(service.close);
  return service;
}

async function startWith(script: PeerScript, config: Partial<DeliveryConfig> = {}) {
  const peer = await startPeer(script);
  cleanup.defer(peer.close);
  return { peer, service: await startAt(peer.port, config) };
}

async function finalEvent(id: string) {
  return eventually(() => {
    const [event] = world.eventsOf(id);
    if (event === undefined) throw new Error('not yet');
    return event;
  });
}

test('STARTTLS is used where it is offered, whatever the certificate; the evidence names the version', async () => {
  const { peer } = await startWith({ options: certificate });
  const event = await finalEvent(await world.send());
  expect(event.status).toBe('delivered');
  expect(peer.received[0]?.secure).toBe(true);
  expect(world.attemptsOf(event)[0]?.tlsVersion).toBe('TLSv1.3');
});

test('where encrypting fails it is delivered without, on a new connection (RFC 7435)', async () => {
  const { peer } = await startWith({
    options: {
      ...certificate,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    },
  });
  const event = await finalEvent(await world.send());
  expect(event.status).toBe('delivered');
  expect(peer.received[0]?.secure).toBe(false);
  expect(world.attemptsOf(event)[0]?.tlsVersion).toBeNull();
  expect(peer.connections()).toBe(2);
});

const utf8Message = plainMessage.replace('Subject: Test', 'Subject: Grüße');

test('SMTPUTF8 is declared for a message whose header needs it although its addresses do not', async () => {
  const { peer } = await startWith({});
  const id = await world.send({ message: utf8Message, smtputf8: true, eightBit: true });
  expect((await finalEvent(id)).status).toBe('delivered');
  expect(peer.received[0]?.parameters).toMatchObject({ SMTPUTF8: true, BODY: '8BITMIME' });
});

test('SMTPUTF8 is declared once where an address needs it too, and never where nothing does', async () => {
  const commands: string[] = [];
  const port = await startTranscriber(commands, '250-SMTPUTF8\r\n250 8BITMIME');
  await startAt(port);
  const first = await world.send({ to: ['jörg@a.test'], smtputf8: true, eightBit: true });
  await finalEvent(first);
  const second = await world.send();
  await finalEvent(second);
  const mail = commands.filter((command) => command.startsWith('MAIL'));
  expect(mail).toEqual([
    'MAIL FROM:<hello@demo.example.org> SMTPUTF8 BODY=8BITMIME',
    'MAIL FROM:<hello@demo.example.org>',
  ]);
});

test.each<[string, object, object, string]>([
  ['SMTPUTF8', { hideSMTPUTF8: true }, { smtputf8: true, eightBit: true }, '5.6.7'],
  ['8BITMIME', { hide8BITMIME: true }, { eightBit: true }, '5.6.3'],
])(
  'a hop without %s gets nothing that needs it: it bounces',
  async (_name, options, needs, code) => {
    const { peer } = await startWith({ options });
    const event = await finalEvent(await world.send({ ...needs, message: utf8Message }));
    expect(event.status).toBe('bounced');
    expect(world.attemptsOf(event)[0]?.enhancedCode).toBe(code);
    await eventually(async () => expect(await world.open()).toEqual([]));
    expect(peer.attempted.filter(({ from }) => from !== '')).toEqual([]);
    // The report has that header, and goes to its sender over the same hop.
    expect(peer.received).toMatchObject([{ from: '', to: ['hello@demo.example.org'] }]);
    expect(Object.keys(peer.received[0]?.parameters ?? {})).toEqual(['SIZE']);
    const report = peer.received[0]?.raw.toString() ?? '';
    const quoted = /global-headers\r\n.*: base64\r\n\r\n([^]*?)\r\n--/.exec(report)?.[1] ?? '';
    expect(Buffer.from(quoted, 'base64').toString()).toContain('Subject: Grüße\r\n');
  },
);

test('a message larger than the hop takes bounces without being sent', async () => {
  const { peer } = await startWith({ options: { size: 2_000 } });
  const message = `${plainMessage}${'x'.repeat(70)}\r\n`.padEnd(5_000, 'y\r\n');
  const event = await finalEvent(await world.send({ message, from: '' }));
  expect(event.status).toBe('bounced');
  expect(world.attemptsOf(event)[0]).toMatchObject({ enhancedCode: '5.3.4' });
  expect(peer.attempted).toEqual([]);
});

test('every address is given as it is in the envelope, one RCPT each', async () => {
  const commands: string[] = [];
  await startAt(await startTranscriber(commands, '250 PIPELINING'));
  const to = [
    '"a,b"@a.test',
    '"x y"@a.test',
    "o'neil+tag@a.test",
    'UPPER@A.test',
    '"q\\"q"@a.test',
  ];
  await finalEvent(await world.send({ to }));
  expect(commands.filter((command) => command.startsWith('RCPT'))).toEqual(
    to.map((address) => `RCPT TO:<${address}>`),
  );
});

test('an address that no command can hold bounces, the others are delivered', async () => {
  const commands: string[] = [];
  await startAt(await startTranscriber(commands, '250 PIPELINING'));
  const id = await world.send({ to: ['"a>b"@a.test', 'good@a.test'], from: '' });
  await eventually(() => expect(world.eventsOf(id)).toHaveLength(2));
  const events = world.eventsOf(id).toSorted((a, b) => a.n - b.n);
  expect(events.map(({ status }) => status)).toEqual(['bounced', 'delivered']);
  expect(commands.filter((command) => command.startsWith('RCPT'))).toEqual([
    'RCPT TO:<good@a.test>',
  ]);
});

test('dots are stuffed, and a message that does not end in CRLF gets it', async () => {
  const commands: string[] = [];
  await startAt(await startTranscriber(commands, '250 PIPELINING'));
  await finalEvent(await world.send({ message: 'A: b\r\n\r\n.\r\n..x\r\nend' }));
  const data = commands.slice(commands.indexOf('DATA') + 1, commands.indexOf('.') + 1);
  expect(data).toEqual(['A: b', '', '..', '...x', 'end', '.']);
});

test('after a refused message the connection is reset and used again', async () => {
  const { peer } = await startWith({
    onRcpt: (to) => (to === 'no@a.test' ? { code: 450, text: '4.2.0 Later' } : 'accept'),
  });
  for (const to of ['no@a.test', 'yes@a.test', 'no@a.test', 'yes@a.test']) {
    await finalEvent(await world.send({ to: [to] }));
  }
  expect(peer.received).toHaveLength(2);
  expect(peer.connections()).toBe(1);
});

test('a connection takes so many messages and is then replaced', async () => {
  const { peer } = await startWith({}, { connectionMessages: 3, siteConnections: 1 });
  await Promise.all(Array.from({ length: 7 }, async () => finalEvent(await world.send())));
  expect(peer.received).toHaveLength(7);
  expect(peer.connections()).toBe(3);
});

test.each<[string, Behaviour]>([
  ['closes', 'reset'],
  ['answers 421 to', { code: 421, text: '4.7.0 Enough for one connection' }],
])(
  'a server that %s a used connection costs the message nothing: it goes over another',
  async (_name, end) => {
    let mails = 0;
    const { peer } = await startWith({ onMail: () => ((mails += 1) === 2 ? end : 'accept') });
    for (let n = 0; n < 2; n += 1) {
      expect((await finalEvent(await world.send())).status).toBe('delivered');
    }
    expect(peer.received).toHaveLength(2);
    expect(peer.connections()).toBe(2);
  },
);

test('a site that takes two connections gets no third again and again', async () => {
  let refused = 0;
  let open = 0;
  const { peer, service } = await startWith({
    onConnect: () => {
      if (open === 2) {
        refused += 1;
        return { code: 421, text: '4.7.0 Too many connections' };
      }
      open += 1;
      return 'accept';
    },
  });
  const ids = await Promise.all(Array.from({ length: 200 }, () => world.send()));
  await eventually(() => expect(ids.every((id) => world.eventsOf(id).length === 1)).toBe(true));
  expect(peer.received).toHaveLength(200);
  expect(refused).toBeLessThanOrEqual(8);
  expect(await service.metric('mysmtp_delivery_finished_total', { status: 'delivered' })).toBe(200);
});

test('an idle connection is closed with QUIT', async () => {
  const commands: string[] = [];
  const port = await startTranscriber(commands, '250 PIPELINING');
  const service = await startAt(port, { connectionIdle: 1_000 });
  await finalEvent(await world.send());
  await eventually(() => expect(commands.at(-1)).toBe('QUIT'));
  await eventually(async () => expect(await service.metric('mysmtp_delivery_connections')).toBe(0));
});

/** A server that writes down every line it reads and accepts everything. */
async function startTranscriber(lines: string[], extensions: string): Promise<number> {
  const server = createServer((socket: Socket) => {
    let data = false;
    let rest = '';
    socket.on('error', () => undefined);
    socket.write('220 transcriber\r\n');
    socket.on('data', (chunk) => {
      rest += chunk.toString();
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        lines.push(line);
        if (data && line !== '.') continue;
        if (line.startsWith('EHLO')) socket.write(`250-transcriber\r\n${extensions}\r\n`);
        else if (line === 'DATA') socket.write('354 go\r\n');
        else socket.write(line === 'QUIT' ? '221 bye\r\n' : '250 2.0.0 ok\r\n');
        data = line === 'DATA';
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.defer(() => void server.close());
  return (server.address() as { port: number }).port;
}

function selfSigned(): { key: string; cert: string } {
  const dir = mkdtempSync(path.join(tmpdir(), 'mysmtp-cert-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(dir, name));
  if (key === undefined || cert === undefined) throw new Error('two files');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
    ].concat(['-subj', '/CN=somebody.else.test', '-keyout', key, '-out', cert]),
    { stdio: 'ignore' },
  );
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(dir, { recursive: true });
  return made;
}
