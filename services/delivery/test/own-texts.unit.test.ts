import { scrubReply } from '@mysmtp/mail';
import { expect, test } from 'vitest';
import { describeDialFailure } from '../src/courier/failures.ts';
import { badAddress, needsEightBit, needsSmtpUtf8 } from '../src/courier/verdict.ts';
import { lookUp } from '../src/routing/lookup.ts';

/** A name server that has nothing, or fails with a code. */
const nameServer = (code: string) => {
  const fail = () => Promise.reject(Object.assign(new Error('no answer'), { code }));
  return { resolveMx: fail, resolve4: fail, resolve6: fail };
};

test('what we say ourselves of an attempt is logged as it is, whoever the recipient is', async () => {
  const errors = [
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ETIMEDOUT',
    'EMFILE',
    'EPIPE',
  ].map((code) => Object.assign(new Error('broken'), { code }));
  const routes = await Promise.all([
    lookUp(nameServer('ENOTFOUND'), 'example.net', 25),
    lookUp(nameServer('ESERVFAIL'), 'example.net', 25),
    lookUp(nameServer('ENOTFOUND'), '[none]', 25),
  ]);
  const texts = [
    needsSmtpUtf8.text,
    needsEightBit.text,
    badAddress.text,
    describeDialFailure(Object.assign(new Error('none'), { category: 'dns' })).text,
    ...errors.map((error) => describeDialFailure(error).text),
    ...routes.map((route) => ('failure' in route ? route.failure.text : '')),
  ];
  expect(texts).toContain('The address literal is not an IP address');
  for (const text of texts) {
    for (const word of text.match(/[\w-]+/g) ?? []) {
      expect(scrubReply(text, [`${word}@example.net`, 'hello@example.org']), word).toBe(text);
    }
  }
});
