import { expect, test } from 'vitest';
import { mailName, readMailName } from '../src/maildir.ts';
import { readMxSettings } from '../src/settings.ts';

const good = {
  MX_SMTP_PORT: '2526',
  MX_WEB_PORT: '8025',
  MX_MAILDIR: 'maildir',
  TLS_CERT_FILE: 'cert.pem',
  TLS_KEY_FILE: 'key.pem',
};

test('listens on the loopback interface by default', () => {
  expect(readMxSettings(good)).toMatchObject({
    bindAddress: '127.0.0.1',
    smtpPort: 2526,
    hint: undefined,
  });
});

test('names every invalid setting', () => {
  const bad = { ...good, MX_SMTP_PORT: '99999', MX_WEB_PORT: '', MX_MAILDIR: undefined };
  expect(() => readMxSettings(bad)).toThrow(
    'MX_SMTP_PORT must be a port from 1 to 65535; MX_WEB_PORT is required; MX_MAILDIR is required',
  );
});

test('names of mails sort by arrival, never repeat, and contain only time and size', () => {
  const names = Array.from({ length: 1_000 }, () => mailName(12));
  expect(new Set(names).size).toBe(1_000);
  expect([...names].sort()).toEqual(names);
  const mail = readMailName('new', `${names[0] ?? ''}:2,S`);
  expect(mail).toMatchObject({ id: names[0], size: 12 });
  expect(Math.abs((mail?.receivedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
});
