import { z } from 'zod';

/** Human-readable text: no control characters, no line breaks. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
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
  // `email` would be ASCII only.
  .meta({ format: 'idn-email' });
