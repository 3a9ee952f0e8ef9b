import { Certificate } from '@mysmtp/contracts';
import { z } from 'zod';
import type { Check } from './check.ts';

/** Version 1 of certificates: about tenants only, and its receipts do not name a subject. */
const First = Certificate.omit({ subject: true }).extend({
  v: z.literal(1),
  scope: z.literal('tenant'),
  commitment: z.string(),
});

/** Version 2 came on 2026-11-30. As with versions of the registry, installations have 90 days to change. */
const endOfFirst = '2027-02-28T00:00:00Z';

const AnyVersion = z.discriminatedUnion('v', [First, Certificate]);

/** A certificate in the current form, whatever its version. */
export interface Read {
  readonly version: 1 | 2;
  readonly certificate: Certificate;
}

/** Parses the signed content. Returns the reasons if it is not a supported certificate. */
export function readCertificate(payload: unknown): Read | { readonly reasons: readonly string[] } {
  const parsed = AnyVersion.safeParse(payload);
  if (!parsed.success) {
    const paths = new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'as a whole'));
    return { reasons: [...paths].map(reasonOf) };
  }
  if (parsed.data.v === 2) return { version: 2, certificate: parsed.data };
  const { scope: kind, commitment, ...same } = parsed.data;
  return { version: 1, certificate: { ...same, v: 2, subject: { kind, commitment } } };
}

const reasonOf = (path: string): string =>
  path === 'subject.kind'
    ? 'This command does not support its kind of subject; a newer version may support it'
    : `It is not in the form of a certificate: ${path}`;

/** An older version has fewer conditions, so it is valid only for the time in which it was in use. */
export function checkVersion({ version, certificate: { completedAt } }: Read): Check[] {
  if (version === 2) return [];
  const isIn = Date.parse(completedAt) < Date.parse(endOfFirst);
  const reason = `It was complete on ${completedAt}, and version 1 of certificates was used until ${endOfFirst}`;
  return [
    {
      holds: 'It is in version 1 of certificates, from the time in which that was used',
      reasons: isIn ? [] : [reason],
    },
  ];
}
