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

export const EmailAddress = z.email({ pattern: z.regexes.unicodeEmail }).max(254);
