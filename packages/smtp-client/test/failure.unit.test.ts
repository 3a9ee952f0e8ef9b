import { scrubReply } from '@mysmtp/mail';
import { expect, test } from 'vitest';
import { ownFailure } from '../src/failure.ts';

test.each([
  'unreadable',
  'unexpected',
  'unsolicited',
  'timeout',
  'closed',
  'lost',
  'tls',
  'aborted',
  'content',
  'not_offered',
  'too_large',
  'bad_address',
  'used_up',
] as const)('the text for %s can be logged unchanged, for any recipient', (reason) => {
  const { text } = ownFailure('mail', reason);
  for (const word of text.match(/[\w-]+/g) ?? []) {
    expect(scrubReply(text, [`${word}@example.net`, 'hello@example.org']), word).toBe(text);
  }
});
