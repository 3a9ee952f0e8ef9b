import { Id } from '@mysmtp/contracts';
import { z } from 'zod';

/** Text for people to read: no control characters, no line breaks. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'must be one line of text');

export const TenantName = line(200);
export const Label = line(100);
export const OwnerAddress = z.email({ pattern: z.regexes.unicodeEmail }).max(254);

/** Ids are of our own making, so that a URL says nothing about anybody. */
export const ById = z.strictObject({ id: Id });
export const OfTenant = z.strictObject({ tenant: Id.optional() });
