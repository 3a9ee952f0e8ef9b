import { eventually } from '@mysmtp/test-kit';
import { describe, expect, test } from 'vitest';
import { SessionFailure, type SendResult } from '../../src/index.ts';
import { expectArrived, mail, to } from './mail.ts';
import { names, offersOf, opened, overTls, size } from './running.ts';

/** With the reason, if the server refuses. */
const outcomes = ({ recipients }: SendResult): string[] =>
  recipients.map((one) => (one.outcome === 'refused' ? one.failure.text : one.outcome));

/** Every octet that a line may contain, and every line that begins with a dot. */
const everyOctet = Buffer.from(
  [...Array(256).keys()].filter((octet) => ![0, 10, 13].includes(octet)),
);
const hard = Buffer.concat([
  Buffer.from('.\r\n..\r\n. \r\n.\t\r\n...x\r\n.QUIT\r\n\r\n.\r\n'),
  everyOctet,
  Buffer.from('\r\n.end\r\n.\r\n'),
]);

const tooLarge = /^55[24] .*(?:too big|too much|exceeds)/i;

describe.concurrent.each(names)('%s', (name) => {
  const offers = offersOf(name);

  test('reports its extensions', async () => {
    const session = await opened(name);
    expect(session.capabilities).toMatchObject({
      ...offers,
      startTls: !session.security.tls,
      eightBitMime: true,
      size: true,
      maxSize: size,
    });
    await session.close();
    expect(session.end()).toEqual({ how: 'closed' });
  });

  test('TLS with a certificate of an unknown issuer, and of a known one', async () => {
    const opening = opened(name, { tls: { use: 'if_offered', serverName: 'localhost' } });
    if (name === 'OpenSMTPD') {
      const error = await opening.catch((thrown: unknown) => thrown);
      if (error instanceof SessionFailure) {
        expect(error).toMatchObject({ isTls: true, failure: { reason: 'tls', permanent: false } });
        return;
      }
    }
    const { security } = await opening;
    expect(security).toMatchObject({ tls: true, version: 'TLSv1.3', isAuthorized: false });
    const known = await opened(name, { tls: overTls() });
    expect(known.security).toMatchObject({ tls: true, isAuthorized: true });
  });

  describe.each([
    ['DATA', false],
    ['BDAT, if it is offered', true],
  ])('with %s', (_way, bdat) => {
    test('one of two recipients is refused, and the message arrives for the other', async () => {
      const session = await opened(name, { bdat });
      const one = mail('.hello\r\n');
      const result = await session.send(
        to(one.content, 'refused@example.org', 'a@example.org'),
        one.content,
      );
      expect(result.recipients).toMatchObject([
        { outcome: 'refused', failure: { stage: 'rcpt', permanent: true } },
        { outcome: 'accepted', code: 250 },
      ]);
      await expectArrived(name, one);
    });

    test('no recipient is accepted: the connection stays open', async () => {
      const session = await opened(name, { bdat });
      const one = mail('hello\r\n');
      const result = await session.send(to(one.content, 'refused@example.org'), one.content);
      expect(result.recipients).toMatchObject([{ outcome: 'refused', failure: { stage: 'rcpt' } }]);
      const next = await session.send(to(one.content, 'a@example.org'), one.content);
      expect(outcomes(next)).toEqual(['accepted']);
      await expectArrived(name, one);
    });

    test('dots and 8-bit octets arrive unchanged', async () => {
      const session = await opened(name, { bdat });
      const one = mail(hard);
      expect(outcomes(await session.send(to(one.content, 'a@example.org'), one.content))).toEqual([
        'accepted',
      ]);
      await expectArrived(name, one);
    });

    test('a large message arrives unchanged, streamed', async () => {
      const session = await opened(name, { bdat });
      const one = mail(Buffer.concat(Array<Buffer>(2_000).fill(hard)));
      async function* read(): AsyncGenerator<Buffer> {
        for (let at = 0; at < one.content.length; at += 10_007) {
          yield one.content.subarray(at, at + 10_007);
        }
      }
      expect(outcomes(await session.send(to(one.content, 'a@example.org'), read))).toEqual([
        'accepted',
      ]);
      await expectArrived(name, one);
    });

    test('a message that is larger than declared in its envelope is refused by the server', async () => {
      const session = await opened(name, { bdat });
      const one = mail('x\r\n'.repeat(500_000));
      const result = await session.send(
        { ...to(one.content, 'a@example.org'), size: 1_000 },
        one.content,
      );
      expect(result.recipients).toMatchObject([
        { outcome: 'refused', failure: { permanent: true, text: expect.stringMatching(tooLarge) } },
      ]);
      // Whether the connection stays open or not, both ends agree.
      const next = session.isUsable() ? session : await opened(name, { bdat });
      const small = mail('hello\r\n');
      expect(outcomes(await next.send(to(small.content, 'a@example.org'), small.content))).toEqual([
        'accepted',
      ]);
      await expectArrived(name, small);
    });

    test('a hundred messages over one connection', async () => {
      const session = await opened(name, { bdat });
      const sent = Array.from({ length: 100 }, () => mail('hello\r\n'));
      for (const one of sent) {
        const result = await session.send(to(one.content, 'a@example.org'), one.content);
        expect(outcomes(result)).toEqual(['accepted']);
      }
      expect(session.transactions).toBe(100);
      expect(session.isUsable()).toBe(true);
      await expectArrived(name, ...sent);
    });

    test('a hundred messages, each begun before the reply to the one before it', async () => {
      const session = await opened(name, { bdat });
      const sent = Array.from({ length: 100 }, () => mail('hello\r\n'));
      const sending: Promise<SendResult>[] = [];
      const next = {
        isWaiting: () => sending.length < sent.length,
        begin() {
          const { content } = sent[sending.length] ?? mail('');
          sending.push(session.send(to(content, 'a@example.org'), content, { next }));
        },
      };
      while (next.isWaiting()) {
        next.begin();
        for (let done = 0; done < sending.length; done += 1) {
          expect(outcomes((await sending[done]) ?? { recipients: [] })).toEqual(['accepted']);
        }
      }
      expect(session.transactions).toBe(100);
      await expectArrived(name, ...sent);
    });
  });

  test('a message above the size limit of the server is not sent', async () => {
    const session = await opened(name);
    const content = mail('hello\r\n').content;
    const result = await session.send({ ...to(content, 'a@example.org'), size: size + 1 }, content);
    expect(result.recipients).toMatchObject([
      { outcome: 'refused', failure: { stage: 'mail', reason: 'too_large', permanent: true } },
    ]);
    expect(session.transactions).toBe(0);
  });

  test('an address in UTF-8', async () => {
    const session = await opened(name);
    const one = mail('hello\r\n', 'grüße');
    const unicode = { ...to(one.content, 'empfänger@example.org'), smtpUtf8: true };
    const result = await session.send(unicode, one.content);
    if (offers.smtpUtf8 !== true) {
      expect(result.recipients).toMatchObject([
        { outcome: 'refused', failure: { reason: 'not_offered', enhancedCode: '5.6.7' } },
      ]);
      return;
    }
    expect(outcomes(result)).toEqual(['accepted']);
    await expectArrived(name, one);
  });

  test('the parameters of DSN, if they are offered', async () => {
    const session = await opened(name);
    const original = { type: 'rfc822', address: 'a+b=c@example.com' };
    // OpenSMTPD does not accept NEVER in a transaction with a recipient that has another value.
    for (const notify of ['NEVER', ['FAILURE', 'DELAY']] as const) {
      const one = mail('hello\r\n');
      const result = await session.send(
        {
          ...to(one.content),
          dsn: { ret: 'HDRS', envelopeId: 'id=1+2' },
          recipients: [{ address: 'a@example.org', notify, originalRecipient: original }],
        },
        one.content,
      );
      expect(outcomes(result)).toEqual(['accepted']);
      await expectArrived(name, one);
    }
  });
});

describe.concurrent.each(names)('strict %s', (name) => {
  const strictName = `strict ${name}`;

  test('recipients beyond its limit follow in further transactions', async () => {
    const session = await opened(strictName);
    const one = mail('hello\r\n');
    const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((local) => `${local}@example.org`);
    const result = await session.send(to(one.content, ...seven), one.content);
    expect(outcomes(result)).toEqual(seven.map(() => 'accepted'));
    expect(session.transactions).toBe(3);
  });

  test('after its limit of messages the next one is unsent, and another connection sends it', async () => {
    const session = await opened(strictName);
    for (const n of [1, 2, 3]) {
      const one = mail('hello\r\n');
      // Postfix counts errors, the others messages.
      const [recipient, outcome] =
        name === 'Postfix' ? ['refused@example.org', 'refused'] : ['a@example.org', 'accepted'];
      const result = await session.send(to(one.content, recipient), one.content);
      expect(result.recipients, String(n)).toMatchObject([{ outcome }]);
    }
    const one = mail('hello\r\n');
    const result = await session.send(to(one.content, 'a@example.org'), one.content);
    const code = name === 'OpenSMTPD' ? 452 : 421;
    expect(result.recipients).toMatchObject([{ outcome: 'unsent', failure: { code } }]);
    expect(session.isUsable()).toBe(false);
    const other = await opened(strictName);
    expect(outcomes(await other.send(to(one.content, 'a@example.org'), one.content))).toEqual([
      'accepted',
    ]);
    await expectArrived(strictName, one);
  });
});

describe.concurrent.each(names.filter((name) => name !== 'OpenSMTPD'))('strict %s', (name) => {
  test('an idle connection that the server closes is stale', async () => {
    const session = await opened(`strict ${name}`);
    const one = mail('hello\r\n');
    await session.send(to(one.content, 'a@example.org'), one.content);
    await eventually(() => expect(session.isUsable()).toBe(false));
    expect(session.end()).toMatchObject({
      how: 'stale',
      failure: { stage: 'idle', reason: goodbyes[name] },
    });
    const result = await session.send(to(one.content, 'a@example.org'), one.content);
    expect(outcomes(result)).toEqual(['unsent']);
  });
});

/** Postfix sends 421, Exim sends it in clear text over TLS, aiosmtpd sends nothing. */
const goodbyes: Readonly<Record<string, string>> = {
  Postfix: 'closing',
  Exim: 'tls',
  aiosmtpd: 'closed',
};
