import { domainToASCII } from 'node:url';
import { z } from 'zod';

/**
 * A domain as mail uses it: A-labels (RFC 5890), letters, digits and hyphens (RFC 5321 4.1.2),
 * labels of at most 63 octets and 253 in all (RFC 1035 2.3.4), at least two labels, and not an
 * address literal in disguise. `undefined` for anything else.
 */
export function domainName(text: string): string | undefined {
  // A URL parser would cut off or decode these characters.
  if (/[\p{Cc}\p{Z}@/:?#%\\[\]]/u.test(text)) return undefined;
  const name = domainToASCII(text);
  const labels = name.split('.');
  if (name.length > 253 || labels.length < 2) return undefined;
  if (!labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)))
    return undefined;
  return /^\d+$/.test(labels.at(-1) ?? '') ? undefined : name;
}

/** The same as a schema. The output is the A-label form. */
export const DomainName = z
  .string()
  .max(255)
  .transform((text, context) => {
    const name = domainName(text);
    if (name !== undefined) return name;
    context.addIssue({ code: 'custom', message: 'must be a domain name such as example.org' });
    return z.NEVER;
  });
