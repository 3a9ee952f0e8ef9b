import { scrubReply } from '@mysmtp/mail';
import { expect, test } from 'vitest';
import { domainRemoved } from '../src/courier/classification.ts';
import { lookUp } from '../src/routing/lookup.ts';
import { suppressed } from '../src/suppressions/group.ts';

/** A name server without records, or that fails with a code. */
const nameServer = (code: string) => {
  const fail = () => Promise.reject(Object.assign(new Error('no answer'), { code }));
  return { resolveMx: fail, resolve4: fail, resolve6: fail };
};

test('our own texts about an attempt are logged unchanged for every recipient', async () => {
  const routes = await Promise.all([
    lookUp(nameServer('ENOTFOUND'), 'example.net', 25),
    lookUp(nameServer('ESERVFAIL'), 'example.net', 25),
    lookUp(nameServer('ENOTFOUND'), '[none]', 25),
  ]);
  const failures = routes.map((route) => ('failure' in route ? route.failure.text : ''));
  const ofSuppressed = Object.values(suppressed).map(({ text }) => text);
  const texts = [domainRemoved.text, ...ofSuppressed, ...failures];
  expect(texts).toContain('The address literal is not an IP address');
  for (const text of texts) {
    for (const word of text.match(/[\w-]+/g) ?? []) {
      expect(scrubReply(text, [`${word}@example.net`, 'hello@example.org']), word).toBe(text);
    }
  }
});
