import { z } from 'zod';
import { day } from '../time.ts';
import { citationOf } from './balancing-tests.ts';

/** An end at a fixed time after a date of the certificate. */
const EndAfter = z.strictObject({
  after: z.enum(['requestedAt', 'completedAt']),
  milliseconds: z.number().positive(),
});

/** Data that is kept after every erasure: what, on which ground, and until when. */
export const Outliving = z.strictObject({
  category: z.string(),
  ground: z.string(),
  /** Words if mySMTP does not know the date; `null`: for ever. */
  until: z.union([EndAfter, z.string(), z.null()]),
});
export type Outliving = z.infer<typeof Outliving>;

/** How long the ledger is kept: the period in which somebody may ask for proof (GDPR Art. 5(2)). */
export const ledgerRetention = 3 * 365 * day;

/** Only data that mySMTP keeps itself has a date. */
export const outlives: readonly Outliving[] = [
  {
    category: 'privacy.erasures, privacy.erasureAnswers: this request, by ids and counts',
    ground: 'We must be able to show what we did (GDPR Art. 5(2)).',
    until: { after: 'requestedAt', milliseconds: ledgerRetention },
  },
  {
    category: 'Log lines with ids of our own making, such as that of the account',
    ground: `Security and evidence of operation (GDPR Art. 6(1)(f), ${citationOf('security-log')}); no name, address or domain is in them.`,
    until: 'the log store of the operator drops them',
  },
  {
    category: 'Backups of the vault with the destroyed root',
    ground:
      'Availability (GDPR Art. 32(1)(c)). The operator is told to keep them apart from all data, without which a root opens nothing.',
    // See docs/decisions/keys.md. It is no date, because mySMTP cannot measure it.
    until: 'the operator deletes them, who is told to do so within 72 hours',
  },
];

/** The retained data of a certificate with these dates. */
export function outlivingAt(
  { category, ground, until }: Outliving,
  dates: Readonly<Record<z.infer<typeof EndAfter>['after'], string>>,
): { category: string; ground: string; until: string | null } {
  if (until === null || typeof until === 'string') return { category, ground, until };
  const end = Date.parse(dates[until.after]) + until.milliseconds;
  return { category, ground, until: new Date(end).toISOString() };
}
