import { expect, test } from 'vitest';
import { templates, writeNotice, type NoticeKind } from '../src/notices/templates.ts';

const at = Date.UTC(2026, 10, 30, 8, 26);
const link = 'https://console.example.org/confirm#secret';

/** Values of each kind, by name. */
const samples: Readonly<Record<NoticeKind, Readonly<Record<string, string | number>>>> = {
  'new-device': { at, device: 'Firefox on Linux' },
  'factor-changed': { at, change: 'a passkey was added' },
  'factor-lost': { request: 'R-1', link, until: at },
  'factor-replaceable': { at },
  'password-changed': { at },
  'email-changed': { at, link, until: at },
  'email-verification': { link, until: at },
  'password-reset': { link, until: at },
  invitation: {
    inviter: 'the customer with the domain example.org',
    role: 'reader',
    link,
    until: at,
  },
  'break-glass': { at, operator: 'on-call-2026', reason: 'Mail is held', ticket: 'T-1', until: at },
  'quota-80': { quota: 'messages per day', until: at },
  'quota-100': { quota: 'messages per day', until: at },
  'mail-bounces': { credential: 'mys_abcdefghijklmnop', until: at },
  'documents-announced': { at, page: 'https://privacy.example.org/v1/notice?edition=2' },
  'domain-broken': { domain: 'example.org', record: 'SPF' },
  'person-request': { kind: 'erasure', request: 'R-1', acts: at, due: at },
  'request-waits': { at, kind: 'erasure', acts: at },
  'request-waits-former': { at, kind: 'erasure', acts: at, until: at },
  finding: { at, finding: 'A person got a role with more permissions.' },
  'credential-throttled': { at, username: 'mys_abcdefghijklmnop' },
};
const kinds = Object.entries(samples) as [NoticeKind, Record<string, string | number>][];

const write = (kind: NoticeKind, values: unknown) => writeNotice(kind, values as never);

test('every kind of notice has a sample', () => {
  expect(Object.keys(samples).sort()).toEqual(Object.keys(templates).sort());
});

test.each(kinds)('%s contains each of its values', (kind, values) => {
  const { subject, text } = write(kind, values);
  expect(subject).toMatch(/^[ -~]{1,100}$/);
  for (const value of Object.values(values)) {
    expect(text).toContain(typeof value === 'number' ? '2026-11-30 08:26 UTC' : value);
  }
});

test.each(kinds)('%s refuses a value that is not one line', (kind, values) => {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number') continue;
    for (const break_ of ['\r\n', '\n', '\r', '\0', '\u0085', '\u2028', '\u001b']) {
      const wrong = { ...values, [name]: `${value}${break_}Bcc: victim@example.org` };
      expect(() => write(kind, wrong), `${name} ${JSON.stringify(break_)}`).toThrow(/one line/);
    }
  }
});

test('a value that the template does not have is refused', () => {
  expect(() => write('quota-80', { quota: 'x', until: at, more: 'y' })).toThrow(/more/);
});
