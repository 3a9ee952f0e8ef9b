import { z } from 'zod';
import { domainName } from './domain-name.ts';

/**
 * Text without the blanks around it. The limit is of what is sent, with the blanks, because the document says
 * so: the length comes before `trim`.
 */
export const trimmed = (max: number) => z.string().max(max).trim().min(1);

/** Human-readable text: no control characters, no line breaks. */
export const line = (max: number) =>
  trimmed(max)
    // Not a pattern, because other languages do not support this one.
    .refine((text) => !/\p{Cc}/u.test(text), 'must be one line of text')
    .describe('One line of text');

/**
 * No control characters, which `\s` includes in some languages and not in others, and zod's own pattern
 * permits.
 */
const mailbox =
  // oxlint-disable-next-line no-control-regex -- it excludes them
  /^[^\s@"\u0000-\u001F\u007F-\u009F]{1,64}@[^\s@\u0000-\u001F\u007F-\u009F]{1,255}$/u;

export const EmailAddress = z
  .string()
  .max(254)
  .regex(mailbox, 'must be an email address')
  .refine(
    (address) => domainName(address.slice(address.lastIndexOf('@') + 1)) !== undefined,
    'must be an address in a domain such as example.org',
  )
  // `email` would be ASCII only.
  .meta({ format: 'idn-email' });
