import { scrubReply } from '@mysmtp/mail';
import { SessionFailure, type Failure } from '@mysmtp/smtp-client';
import { expect, test } from 'vitest';
import { failureOf, type Findings } from '../../src/dial/failure.ts';

const findings: Findings = {
  failures: [],
  isComplete: true,
  isDnsFailed: false,
  isRefused: false,
  smarthost: false,
};

const failure: Failure = {
  stage: 'connect',
  reason: 'lost',
  code: null,
  enhancedCode: '4.4.1',
  text: 'No connection to the server',
  permanent: false,
};

const notConnected = (code: string) =>
  new SessionFailure(failure, Object.assign(new Error(`connect ${code} 192.0.2.1:25`), { code }));

test('our own texts about a connection are logged unchanged for every recipient', () => {
  const codes = [
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ETIMEDOUT',
    'EMFILE',
  ];
  const texts = [
    ...[...codes, 'EPIPE'].map((code) => ({ failures: [notConnected(code)] })),
    { failures: [new SessionFailure({ ...failure, reason: 'timeout' })] },
    { isComplete: false },
    { isDnsFailed: true },
    { isRefused: true },
    {},
  ].map((shown) => failureOf({ ...findings, ...shown }).text);
  expect(texts).toContain('No connection: refused');
  expect(new Set(texts).size).toBe(texts.length - 1);
  for (const text of texts) {
    for (const word of text.match(/[\w-]+/g) ?? []) {
      expect(scrubReply(text, [`${word}@example.net`, 'hello@example.org']), word).toBe(text);
    }
  }
});

test('the class of the code agrees with `permanent`', () => {
  const refused = (code: number, enhancedCode: string) =>
    new SessionFailure({ ...failure, stage: 'greeting', reason: 'refused', code, enhancedCode });
  const codeOf = (code: number, enhancedCode: string) =>
    failureOf({ ...findings, failures: [refused(code, enhancedCode)] }).enhancedCode;
  expect(codeOf(554, '5.7.1')).toBe('4.7.1');
  expect(codeOf(521, '4.3.2')).toBe('5.3.2');
});
