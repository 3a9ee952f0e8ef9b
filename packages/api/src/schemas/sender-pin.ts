import { z } from 'zod';
import { domainName } from './domain-name.ts';
import { EmailAddress } from './text.ts';

/** An address, or a domain for all of its addresses. The output has the domain in A-label form. */
export const SenderPin = z
  .string()
  .max(320)
  .transform((text, context) => {
    const at = text.lastIndexOf('@');
    const domain = domainName(text.slice(at + 1));
    const pin = domain === undefined ? '' : `${text.slice(0, at + 1)}${domain}`;
    const isAddress = EmailAddress.safeParse(pin).success;
    if (domain !== undefined && (at === -1 || isAddress)) return pin;
    context.addIssue({ code: 'custom', message: 'must be an address or a domain' });
    return z.NEVER;
  });
