import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeEach(() => {
  scene = openScene();
});
afterEach(() => scene.cleanup.disposeAsync());

/** How long a test waits for a silent server. The machine may be busy. */
const silence = 1_000;

const greeting = (reply: string) => (event: string) =>
  event === 'greeting' ? `${reply}\r\n` : undefined;

/** Names h2, h3 … of 127.0.0.2, 127.0.0.3 … */
const loopback = (...numbers: number[]) =>
  Object.fromEntries(numbers.map((n) => [`h${String(n)}.test`, [`127.0.0.${String(n)}`]]));

describe('the order', () => {
  test('follows the preference, and a host is looked up only when it is tried', async () => {
    const [first, second] = [await scene.serverAt('127.0.0.2'), await scene.serverAt('127.0.0.3')];
    const { dial, asked } = await scene.dialWith({ a: loopback(2, 3) });
    const { host, session } = await dial(scene.site('20 h3.test', '10 h2.test'));
    expect(host).toBe('h2.test');
    expect(session.isUsable()).toBe(true);
    expect([first.connections(), second.connections()]).toEqual([1, 0]);
    expect(first.commands).toEqual(['EHLO relay.example.net']);
    expect(asked).toEqual(['A h2.test']);
  });

  test('is random within one preference', async () => {
    await scene.serverAt('127.0.0.2');
    await scene.serverAt('127.0.0.3');
    const { dial } = await scene.dialWith({ a: loopback(2, 3) });
    const site = scene.site('10 h2.test', '10 h3.test');
    const hosts = new Set<string>();
    // The probability that one of them is never first is 2^-39.
    for (let n = 0; n < 40; n += 1) hosts.add((await dial(site)).host);
    expect([...hosts].sort()).toEqual(['h2.test', 'h3.test']);
  });

  test('has IPv4 before IPv6 of each host', async () => {
    const six = await scene.serverAt('::1');
    const { dial, asked } = await scene.dialWith({
      a: loopback(2, 3),
      aaaa: { 'h2.test': ['::1'] },
    });
    const { host } = await dial(scene.site('10 h2.test', '20 h3.test'));
    expect(host).toBe('h2.test');
    expect(six.connections()).toBe(1);
    expect(asked).toEqual(['A h2.test', 'AAAA h2.test']);
  });

  test('has each address once, even if several hosts have it', async () => {
    const server = await scene.serverAt('127.0.0.2', greeting('554 5.7.1 no'));
    const { dial } = await scene.dialWith({
      a: { 'h2.test': ['127.0.0.2', '127.0.0.2'], 'also.test': ['127.0.0.2'] },
    });
    await failureOf(dial(scene.site('10 h2.test', '20 also.test')));
    expect(server.connections()).toBe(1);
  });

  test('an address literal is the host and its address', async () => {
    await scene.serverAt('127.0.0.2');
    const { dial, asked } = await scene.dialWith({});
    expect((await dial(scene.site('127.0.0.2'))).host).toBe('127.0.0.2');
    expect(asked).toEqual([]);
  });
});

describe('another address is tried', () => {
  test('if one refuses the connection', async () => {
    await scene.serverAt('127.0.0.3');
    const { dial } = await scene.dialWith({ a: loopback(2, 3) });
    expect((await dial(scene.site('10 h2.test', '20 h3.test'))).host).toBe('h3.test');
  });

  test('if one does not answer within its time', async () => {
    await scene.deafAt('127.0.0.2');
    await scene.serverAt('127.0.0.3');
    const { dial } = await scene.dialWith({ a: loopback(2, 3) }, { connectTimeout: silence });
    expect((await dial(scene.site('10 h2.test', '20 h3.test'))).host).toBe('h3.test');
    expect(await failureOf(dial(scene.site('h2.test')))).toEqual({
      text: 'No connection: timed out',
      enhancedCode: '4.4.1',
      permanent: false,
    });
  });

  test.each([
    ['refuses in the greeting', greeting('554 5.7.1 no')],
    ['greets too late', (event: string) => (event === 'greeting' ? {} : undefined)],
    ['closes', (event: string) => (event === 'EHLO' ? ({ end: 'close' } as const) : undefined)],
  ])('if one connects and %s', async (_name, script) => {
    await scene.serverAt('127.0.0.2', script);
    await scene.serverAt('127.0.0.3');
    const { dial } = await scene.dialWith({ a: loopback(2, 3) }, { greetingTimeout: silence });
    expect((await dial(scene.site('10 h2.test', '20 h3.test'))).host).toBe('h3.test');
  });

  test('if DNS fails for one host', async () => {
    await scene.serverAt('127.0.0.3');
    const { dial } = await scene.dialWith({ a: loopback(3), failing: ['h2.test'] });
    expect((await dial(scene.site('10 h2.test', '20 h3.test'))).host).toBe('h3.test');
  });

  test('but at most four that connect; the last failure is used', async () => {
    const server = await scene.serverAt('0.0.0.0', (event, nth) =>
      event === 'greeting' ? `554 5.7.${String(nth)} no\r\n` : undefined,
    );
    const { dial } = await scene.dialWith({ a: loopback(2, 3, 4, 5, 6) });
    const hosts = [2, 3, 4, 5, 6].map((n) => `10 h${String(n)}.test`);
    expect(await failureOf(dial(scene.site('1 gone.test', ...hosts)))).toEqual({
      text: '554 5.7.4 no',
      enhancedCode: '4.7.4',
      permanent: false,
    });
    expect(server.connections()).toBe(4);
  });

  test.each([
    [20, 'connected'],
    [21, 'No connection: refused'],
  ])('the %ith address: %s', async (position, expected) => {
    await scene.serverAt('127.0.0.200');
    const addresses = Array.from({ length: position - 1 }, (_, n) => `127.0.0.${String(n + 2)}`);
    const { dial } = await scene.dialWith({ a: { 'h.test': [...addresses, '127.0.0.200'] } });
    const dialling = dial(scene.site('h.test'));
    const payload =
      expected === 'connected'
        ? await dialling.then(() => 'connected')
        : (await failureOf(dialling)).text;
    expect(payload).toBe(expected);
  });

  test('a thousand MX hosts cost twenty queries', async () => {
    const { dial, asked } = await scene.dialWith({});
    const hosts = Array.from({ length: 1_000 }, (_, n) => `10 h${String(n)}.gone.test`);
    await failureOf(dial(scene.site(...hosts)));
    expect(asked.length).toBe(20);
  });
});

describe('the reason', () => {
  test('is the first failure to connect if no address connected', async () => {
    await scene.deafAt('127.0.0.3');
    const { dial } = await scene.dialWith(
      { a: loopback(2, 3), failing: ['h4.test'] },
      { connectTimeout: silence },
    );
    expect(await failureOf(dial(scene.site('10 h2.test', '20 h3.test', '30 h4.test')))).toEqual({
      text: 'No connection: refused',
      enhancedCode: '4.4.1',
      permanent: false,
    });
  });

  test('is the failure of a session even if a connection failed after it', async () => {
    await scene.serverAt('127.0.0.2', greeting('421 4.3.2 not now'));
    const { dial } = await scene.dialWith({ a: loopback(2, 3) });
    expect(await failureOf(dial(scene.site('10 h2.test', '20 h3.test')))).toEqual({
      text: '421 4.3.2 not now',
      enhancedCode: '4.3.2',
      permanent: false,
    });
  });

  test.each([
    ['a close', { end: 'close' }, '4.4.2', 'The server ended the connection'],
    ['silence', {}, '4.4.2', 'The server did not answer in time'],
    ['a refusal without a code', '554 go away\r\n', '4.3.2', '554 go away'],
    ['a refusal', '550 5.7.1 go away\r\n', '4.7.1', '550 5.7.1 go away'],
  ] as const)('%s in the greeting is never permanent', async (_name, act, enhancedCode, text) => {
    await scene.serverAt('127.0.0.2', (event) => (event === 'greeting' ? act : undefined));
    const { dial } = await scene.dialWith({ a: loopback(2) }, { greetingTimeout: silence });
    const failure = await failureOf(dial(scene.site('h2.test')));
    expect(failure).toEqual({ text, enhancedCode, permanent: false });
  });

  test('no host has an address: permanent', async () => {
    const { dial } = await scene.dialWith({ mx: { 'named.test': [] } });
    expect(await failureOf(dial(scene.site('10 gone.test', '20 named.test')))).toEqual({
      text: 'The mail server has no address',
      enhancedCode: '5.4.4',
      permanent: true,
    });
  });

  test.each([
    ['all questions for a host', { failing: ['h2.test'] }],
    ['the question for IPv4', { failingFor: ['A h2.test'], aaaa: { 'h2.test': [] } }],
    ['the question for IPv6', { failingFor: ['AAAA h2.test'], a: { 'h2.test': [] } }],
    [
      'one host, and another is private',
      { failing: ['h2.test'], a: { 'gone.test': ['10.0.0.1'] } },
    ],
  ])('DNS fails for %s: there may be an address', async (_name, zone) => {
    const { dial } = await scene.dialWith(zone, { privateMx: false });
    expect(await failureOf(dial(scene.site('10 gone.test', '20 h2.test')))).toEqual({
      text: 'DNS did not answer for the mail server',
      enhancedCode: '4.4.3',
      permanent: false,
    });
  });

  test('all addresses are in our own network: permanent, and none is dialled', async () => {
    const server = await scene.serverAt('0.0.0.0');
    const zone = { a: loopback(2), aaaa: { 'h2.test': ['::1', '64:ff9b::7f00:2'] } };
    const { dial } = await scene.dialWith(zone, { privateMx: false });
    for (const site of [scene.site('10 h2.test', '20 gone.test'), scene.site('127.0.0.2')]) {
      expect(await failureOf(dial(site))).toEqual({
        text: 'The mail server has no address that can be used',
        enhancedCode: '5.4.4',
        permanent: true,
      });
    }
    expect(server.connections()).toBe(0);
  });
});

describe('521 (RFC 7504)', () => {
  const words = '521 5.3.2 no mail here';
  const permanent = { text: words, enhancedCode: '5.3.2', permanent: true };

  test('of the only host is permanent, and its other addresses are not dialled', async () => {
    const server = await scene.serverAt('0.0.0.0', greeting(words));
    const { dial } = await scene.dialWith({ a: { 'h2.test': ['127.0.0.2', '127.0.0.3'] } });
    expect(await failureOf(dial(scene.site('h2.test')))).toEqual(permanent);
    expect(server.connections()).toBe(1);
  });

  test.each([
    ['of all hosts', ['10 h2.test', '20 h3.test']],
    ['of all hosts that exist', ['10 gone.test', '20 h2.test']],
    ['of as many hosts as are tried', ['10 h2.test', '10 h3.test', '10 h4.test', '10 h5.test']],
  ])('%s is permanent', async (_name, hosts) => {
    await scene.serverAt('0.0.0.0', greeting(words));
    const { dial } = await scene.dialWith({ a: loopback(2, 3, 4, 5) });
    expect(await failureOf(dial(scene.site(...hosts)))).toEqual(permanent);
  });

  test.each([
    ['another refusal', '20 h3.test'],
    ['a host that does not answer', '20 h4.test'],
    ['a host that DNS cannot resolve', '20 failing.test'],
  ])('beside %s is not permanent', async (_name, other) => {
    await scene.serverAt('127.0.0.2', greeting('521 no mail here'));
    await scene.serverAt('127.0.0.3', greeting('554 5.7.1 no'));
    const { dial } = await scene.dialWith({ a: loopback(2, 3, 4), failing: ['failing.test'] });
    const failure = await failureOf(dial(scene.site('10 h2.test', other)));
    expect(failure.permanent).toBe(false);
    expect(failure.enhancedCode).toMatch(/^4\.[37]\.[12]$/);
  });

  test('of some, before all hosts were tried, is not permanent', async () => {
    await scene.serverAt('0.0.0.0', greeting(words));
    const { dial } = await scene.dialWith({ a: loopback(2, 3, 4, 5, 6) });
    const hosts = [2, 3, 4, 5, 6].map((n) => `10 h${String(n)}.test`);
    expect(await failureOf(dial(scene.site(...hosts)))).toMatchObject({ permanent: false });
  });
});

describe('the smarthost', () => {
  test('is resolved by the system, and may have any address', async () => {
    await scene.serverAt('127.0.0.1');
    const { dial, asked } = await scene.dialWith({}, { privateMx: false });
    expect((await dial(scene.smarthost('localhost'))).host).toBe('localhost');
    expect(asked).toEqual([]);
  });

  test.each([
    ['that refuses all mail', '127.0.0.1', '521 5.3.2 no mail here', '4.3.2'],
    ['without an address', 'no such name.invalid', 'The mail server has no address', '4.4.4'],
  ])('%s is not the end of everybody’s mail', async (_name, host, text, enhancedCode) => {
    await scene.serverAt('127.0.0.1', greeting('521 5.3.2 no mail here'));
    const { dial } = await scene.dialWith({});
    const failure = await failureOf(dial(scene.smarthost(host)));
    expect(failure).toEqual({ text, enhancedCode, permanent: false });
  });
});

describe('the signal', () => {
  const silentAt = (step: string) => (event: string) => (event === step ? {} : undefined);

  test('that is aborted before the start: nothing is dialled', async () => {
    const { dial, asked } = await scene.dialWith({});
    expect(await failureOf(dial(scene.site('gone.test'), AbortSignal.abort()))).toEqual({
      text: 'No connection in time',
      enhancedCode: '4.4.1',
      permanent: false,
    });
    expect(asked).toEqual([]);
  });

  test('ends the wait for DNS', async () => {
    const { dial } = await scene.dialWith({}, { dns: await scene.silentDns() });
    const failure = await failureOf(dial(scene.site('h2.test'), AbortSignal.timeout(100)));
    expect(failure).toMatchObject({ text: 'No connection in time', permanent: false });
  });

  test('ends the wait for a connection, and no other address is tried', async () => {
    await scene.deafAt('127.0.0.2');
    const other = await scene.serverAt('127.0.0.3');
    const { dial } = await scene.dialWith({ a: loopback(2, 3) });
    const site = scene.site('10 h2.test', '20 h3.test');
    expect((await failureOf(dial(site, AbortSignal.timeout(100)))).permanent).toBe(false);
    expect(other.connections()).toBe(0);
  });

  test.each(['greeting', 'EHLO'])('ends a session that is silent at %s', async (step) => {
    const server = await scene.serverAt('127.0.0.2', silentAt(step));
    const { dial } = await scene.dialWith({ a: loopback(2) });
    const stop = new AbortController();
    const failure = failureOf(dial(scene.site('h2.test'), stop.signal));
    await expect.poll(() => server.open()).toBe(1);
    if (step === 'EHLO') await expect.poll(() => server.commands.length).toBe(1);
    stop.abort();
    expect((await failure).permanent).toBe(false);
    await expect.poll(() => server.open()).toBe(0);
    expect(server.connections()).toBe(1);
  });

  test('keeps the reason that was found before, which is not permanent', async () => {
    await scene.serverAt('127.0.0.2', greeting('521 5.3.2 no mail here'));
    const silent = await scene.serverAt('127.0.0.3', silentAt('greeting'));
    const { dial } = await scene.dialWith({ a: loopback(2, 3) });
    const stop = new AbortController();
    const failure = failureOf(dial(scene.site('10 h2.test', '20 h3.test'), stop.signal));
    await expect.poll(() => silent.open()).toBe(1);
    stop.abort();
    expect(await failure).toEqual({
      text: '521 5.3.2 no mail here',
      enhancedCode: '4.3.2',
      permanent: false,
    });
  });

  test('also ends the QUIT to a server that refused', async () => {
    const refusing = await scene.serverAt('127.0.0.2', (event) =>
      event === 'greeting' ? '554 5.7.1 no\r\n' : event === 'QUIT' ? {} : undefined,
    );
    await scene.serverAt('127.0.0.3', silentAt('greeting'));
    const { dial } = await scene.dialWith({ a: loopback(2, 3) });
    const stop = new AbortController();
    const failure = failureOf(dial(scene.site('10 h2.test', '20 h3.test'), stop.signal));
    await expect.poll(() => refusing.commands).toEqual(['QUIT']);
    stop.abort();
    await failure;
    await expect.poll(() => refusing.open()).toBe(0);
  });

  test('after the session is open: it stays open', async () => {
    const server = await scene.serverAt('127.0.0.2');
    const { dial } = await scene.dialWith({ a: loopback(2) });
    const stop = new AbortController();
    const { session } = await dial(scene.site('h2.test'), stop.signal);
    stop.abort();
    await session.close();
    expect(session.end()).toEqual({ how: 'closed' });
    expect(server.commands).toEqual(['EHLO relay.example.net', 'QUIT']);
  });
});
