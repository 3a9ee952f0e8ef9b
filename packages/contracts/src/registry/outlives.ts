import { z } from 'zod';
import { day, hour } from '../time.ts';
import { subjectKinds, type SubjectKind } from '../subject.ts';
import { citationOf } from './balancing-tests.ts';

/** An end at a fixed time after a date of the certificate. */
const EndAfter = z.strictObject({
  after: z.enum(['requestedAt', 'completedAt']),
  milliseconds: z.number().positive(),
});

/** Data that is kept after every erasure: what, on which ground, and until when. */
export const Outliving = z.strictObject({
  /** After the erasure of a subject of this kind; absent: of a tenant. */
  of: z.enum(subjectKinds).exactOptional(),
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

/** The same after the erasure of a person. The keys of the tenant and of the days stay. */
const keptOfPerson: readonly Omit<Outliving, 'of'>[] = [
  {
    category:
      'privacy.erasures, privacy.erasureAnswers: this request, by ids and counts; for 30 days after its end also by the blind index of the person',
    ground: 'We must be able to show what we did (GDPR Art. 5(2)).',
    until: { after: 'requestedAt', milliseconds: ledgerRetention },
  },
  {
    category: 'Log lines with ids of our own making, such as that of the account',
    ground: `Security and evidence of operation (GDPR Art. 6(1)(f), ${citationOf('security-log')}); no name, address or domain is in them.`,
    until: 'the log store of the operator drops them',
  },
  {
    category:
      'Copies of removed records in oplogs, backups and files of the broker: addresses and replies sealed under the keys of their day; requests of the person sealed under the account key of the customer; blind indexes under its index key',
    ground:
      'Availability (GDPR Art. 32(1)(c)). A copy of one record cannot be removed from them, and the keys of a day belong to all customers.',
    until:
      'the keys of their days are destroyed: those of the usage log after EVENTS_KEY_DAYS (31 days by default), those of mail after MAIL_KEY_DAYS (7 days by default), later if mail of the day is undelivered; and, for requests and blind indexes, until the operator deletes the backups',
  },
  {
    category:
      'Messages to other recipients, and from others, whose content names the person: sealed, until they are delivered or given up',
    ground:
      'The instruction of the customer (GDPR Art. 28), who answers for the content of its mail.',
    until: 'each is final, at most 5 days after its acceptance, and 5 days more for its DSN',
  },
  {
    category:
      'delivery.suppressions, logging.restrictions: that the person has objected to mail of the customer, or that the use of the data is restricted, as a blind index',
    ground: 'The objection or the restriction itself (GDPR Art. 18, 21), which must stay in force.',
    until: 'the person or the customer withdraws it',
  },
  {
    category:
      'ingress.recipientSketches: sketches of the recipients of each credential and day, from which no single recipient can be removed',
    ground: `Detection of stolen credentials (GDPR Art. 6(1)(f), ${citationOf('recipient-sketches')}); a sketch has no address, and nothing can be read from it without the index key of the customer.`,
    until: { after: 'completedAt', milliseconds: 8 * day + hour },
  },
  {
    category:
      'identity: an account in the team of the customer under the same address, its notices, and settings of credentials that name the address, if there are any',
    ground: 'The contract with the customer (GDPR Art. 6(1)(b)).',
    until: 'the account is closed, or the customer changes the settings',
  },
];
export const outlivesPerson = keptOfPerson.map((kept): Outliving => ({ ...kept, of: 'person' }));

/** What is kept after an erasure of this kind, of what a version of the coverage lists for all kinds. */
export const outlivingOf = (all: readonly Outliving[], kind: SubjectKind): readonly Outliving[] =>
  all.filter(({ of = 'tenant' }) => of === kind);

/** The retained data of a certificate with these dates. */
export function outlivingAt(
  { category, ground, until }: Outliving,
  dates: Readonly<Record<z.infer<typeof EndAfter>['after'], string>>,
): { category: string; ground: string; until: string | null } {
  if (until === null || typeof until === 'string') return { category, ground, until };
  const end = Date.parse(dates[until.after]) + until.milliseconds;
  return { category, ground, until: new Date(end).toISOString() };
}
