import { isAscii } from 'node:buffer';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import {
  buildDsn,
  createMessageReader,
  headerFields,
  type DsnOptions,
  type DsnRecipient,
} from '../src/index.ts';

const options: DsnOptions = {
  id: '0198c2f0-0000-7000-8000-000000000000',
  reportingMta: 'relay.example.org',
  postmaster: 'postmaster@relay.example.org',
  to: 'a@example.org',
  date: Date.UTC(2026, 10, 24, 12),
  arrivalDate: Date.UTC(2026, 10, 24, 11),
  recipients: [
    {
      address: '"b,c"@example.net',
      action: 'failed',
      status: '5.1.1',
      remoteMta: 'mx.example.net',
      reply: '550 5.1.1 no such user\r\n\r\nInjected: field',
      lastAttemptAt: Date.UTC(2026, 10, 24, 11, 59),
    },
  ],
  originalHeader: Buffer.from('From: a@example.org\r\nSubject: Hello\r\n'),
};

/** The checks of every server on the way. */
function isFitToSend(message: Buffer): boolean {
  const reader = createMessageReader();
  reader.push(message);
  reader.finish();
  const header = reader.header();
  return (
    reader.problem() === undefined && header !== undefined && headerFields(header) !== undefined
  );
}

test('a DSN has the three parts of RFC 3464', async () => {
  const { message, smtputf8 } = buildDsn(options);
  expect(smtputf8).toBe(false);
  expect(isFitToSend(message)).toBe(true);
  const parsed = await PostalMime.parse(message);
  expect(parsed.to?.[0]?.address).toBe('a@example.org');
  expect(parsed.from?.address).toBe('postmaster@relay.example.org');
  expect(parsed.date).toBe('2026-11-24T12:00:00.000Z');
  expect(parsed.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-replied');

  const text = message.toString();
  expect(text).toContain('multipart/report; report-type=delivery-status');
  const status = /message\/delivery-status\r\n\r\n([^]*?)--=_/.exec(text)?.[1] ?? '';
  expect(status.split('\r\n')).toEqual([
    'Reporting-MTA: dns; relay.example.org',
    'Arrival-Date: Tue, 24 Nov 2026 11:00:00 +0000',
    '',
    'Final-Recipient: rfc822; "b,c"@example.net',
    'Action: failed',
    'Status: 5.1.1',
    'Remote-MTA: dns; mx.example.net',
    'Diagnostic-Code: smtp; 550 5.1.1 no such user Injected: field',
    'Last-Attempt-Date: Tue, 24 Nov 2026 11:59:00 +0000',
    '',
    '',
  ]);
  expect(text).toContain('text/rfc822-headers\r\n\r\nFrom: a@example.org\r\nSubject: Hello\r\n');
  expect(text).not.toContain('\r\nInjected:');
});

test('a Diagnostic-Code is the reply of a server; our own words are for the reader (RFC 3464 2.3.6)', () => {
  const reason = 'The time for delivery is over. Last:';
  const reply = '451 4.7.1 greylisted';
  const about = (more: Partial<DsnRecipient>): string => {
    const recipient = { address: 'b@example.net', action: 'failed', status: '5.4.7' } as const;
    return buildDsn({ ...options, recipients: [{ ...recipient, ...more }] }).message.toString();
  };
  expect(about({ reason })).not.toContain('Diagnostic-Code');
  expect(about({ reason })).toContain(`<b@example.net>: 5.4.7\r\n    ${reason}\r\n\r\n`);
  const both = about({ reason, reply });
  expect(both).toContain(`<b@example.net>: 5.4.7\r\n    ${reason}\r\n    ${reply}\r\n\r\n`);
  expect(both).toContain(`\r\nDiagnostic-Code: smtp; ${reply}\r\n`);
  expect(both.split(reason).length).toBe(2);
});

test('the same id makes the same DSN', () => {
  expect(buildDsn(options).message.equals(buildDsn(options).message)).toBe(true);
});

/** Type and encoding of the part with this content, and the decoded content. */
function partsOf(message: Buffer): { type: string; encoding: string; content: string }[] {
  return message
    .toString()
    .split(/--=_[\w-]+(?:--)?\r\n/)
    .slice(1, -1)
    .map((part) => {
      const end = part.indexOf('\r\n\r\n');
      const [type = '', encoding = '7bit'] = part
        .slice(0, end)
        .split('\r\n')
        .map((field) => field.replace(/^[\w-]+: /, ''));
      const content = part.slice(end + 4, -2);
      const isEncoded = encoding === 'base64';
      return {
        type,
        encoding,
        content: isEncoded ? Buffer.from(content, 'base64').toString() : content,
      };
    });
}

const utf8Header = Buffer.from(`From: a@example.org\r\nSubject: ${'Grüße '.repeat(30)}\r\n`);

test('UTF-8 in the content is encoded, so that any sender can receive the DSN (RFC 6533)', async () => {
  const recipients = [{ address: 'jörg@example.net', action: 'failed', status: '5.1.1' }] as const;
  const { message, smtputf8 } = buildDsn({ ...options, recipients, originalHeader: utf8Header });
  expect(smtputf8).toBe(false);
  expect(isFitToSend(message)).toBe(true);
  expect(isAscii(message)).toBe(true);
  expect(
    Math.max(
      ...message
        .toString()
        .split('\r\n')
        .map(({ length }) => length),
    ),
  ).toBeLessThan(79);
  const [text, status, header] = partsOf(message);
  expect(text).toMatchObject({ type: 'text/plain; charset=utf-8', encoding: 'base64' });
  expect(text?.content).toContain('<jörg@example.net>: 5.1.1');
  expect(status).toMatchObject({ type: 'message/global-delivery-status', encoding: 'base64' });
  expect(status?.content).toContain('Final-Recipient: utf-8; jörg@example.net\r\n');
  expect(header).toEqual({
    type: 'message/global-headers',
    encoding: 'base64',
    content: utf8Header.toString(),
  });
  expect((await PostalMime.parse(message)).text).toContain('<jörg@example.net>: 5.1.1');
});

test('only the part with UTF-8 differs', () => {
  const { message } = buildDsn({ ...options, originalHeader: utf8Header });
  expect(partsOf(message).map(({ type, encoding }) => [type, encoding])).toEqual([
    ['text/plain; charset=utf-8', '7bit'],
    ['message/delivery-status', '7bit'],
    ['message/global-headers', 'base64'],
  ]);
});

test('a DSN to an address with UTF-8 needs SMTPUTF8, and nothing in it is encoded', () => {
  const to = 'jörg@example.org';
  const { message, smtputf8 } = buildDsn({ ...options, to, originalHeader: utf8Header });
  expect(smtputf8).toBe(true);
  expect(isFitToSend(message)).toBe(true);
  expect(message.toString()).toContain('To: <jörg@example.org>\r\n');
  const header = partsOf(message).at(-1);
  expect(header).toMatchObject({ type: 'message/global-headers', encoding: '8bit' });
  expect(header?.content).toBe(utf8Header.toString());
});

test('a delay notice says that no action is needed', () => {
  const recipients = [{ address: 'b@example.net', action: 'delayed', status: '4.4.1' }] as const;
  const text = buildDsn({ ...options, recipients }).message.toString();
  expect(text).toContain('Action: delayed');
  expect(text).toContain('Subject: Delayed mail');
});

test('long replies and headers stay within the limits of a message', () => {
  const { message } = buildDsn({
    ...options,
    recipients: [
      {
        address: 'b@example.net',
        action: 'failed',
        status: '5.0.0',
        reply: 'x'.repeat(9_999),
      },
      { address: 'c@example.net', action: 'failed', status: '5.0.0', reply: 'y '.repeat(999) },
    ],
    originalHeader: Buffer.from(
      `A: ${`${'z'.repeat(900)}\r\n `.repeat(100)}z\r\nB: c\r\n`.repeat(3),
    ),
  });
  expect(isFitToSend(message)).toBe(true);
  expect(message.length).toBeLessThan(64 * 1024);
});
