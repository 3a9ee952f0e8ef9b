import { hour } from '@mysmtp/contracts';
import type { OperatorFacts } from '../documents/operator.ts';
import { contactOf } from '../documents/parts.ts';
import { same, text, type Section } from '../documents/text.ts';
import type { BreachDocument, Particulars } from './register.ts';

/** How many records each store has now; `null`: it cannot be counted. */
export interface Counts {
  readonly customers: number;
  readonly accounts: number;
  readonly records: readonly { readonly store: string; readonly count: number | null }[];
}

/** A draft of the notice to the authority (GDPR Art. 33(3)). A human completes and sends it. */
export function draftOf(
  breach: BreachDocument,
  { nature, consequences, measures, stores }: Particulars,
  {
    counts,
    facts,
    now,
  }: { readonly counts: Counts; readonly facts: OperatorFacts; readonly now: number },
): Section[] {
  const officer = facts.dataProtectionOfficer;
  const { customers, accounts, records } = counts;
  const total = records.reduce((sum, { count }) => sum + (count ?? 0), 0);
  const isLate = now > breach.authorityDueAt.getTime();
  return [
    {
      id: 'who',
      articles: ['33(1)'],
      title: text('Who notifies', 'Wer meldet'),
      paragraphs: [
        contactOf(facts),
        text(
          `We became aware on ${timeOf(breach.awareAt)}.`,
          `Uns wurde die Verletzung bekannt am ${timeOf(breach.awareAt)}.`,
        ),
        ...(isLate
          ? [
              text(
                `This notice is later than ${String(hoursOf(breach))} hours. Reasons for the delay: [to be completed]`,
                `Diese Meldung kommt später als ${String(hoursOf(breach))} Stunden. Gründe für die Verzögerung: [zu ergänzen]`,
              ),
            ]
          : []),
      ],
    },
    {
      id: 'nature',
      articles: ['33(3)(a)'],
      title: text('What happened', 'Was geschah'),
      paragraphs: [
        same(nature),
        text(
          `Customers concerned: about ${String(customers)}. People with accounts: about ${String(accounts)}. Records: about ${String(total)}.`,
          `Betroffene Kunden: etwa ${String(customers)}. Menschen mit Konten: etwa ${String(accounts)}. Datensätze: etwa ${String(total)}.`,
        ),
        text(
          'Addresses in mail are encrypted, so senders and recipients cannot be counted. There are at most as many as records.',
          'Adressen in E-Mails sind verschlüsselt, deshalb lassen sich Absender und Empfänger nicht zählen. Es sind höchstens so viele wie Datensätze.',
        ),
      ],
      table: {
        head: [text('Store', 'Speicher'), text('Records', 'Datensätze')],
        rows: stores.map((store) => {
          const count = records.find((one) => one.store === store)?.count ?? null;
          return [
            same(store),
            count === null ? text('not counted', 'nicht gezählt') : same(String(count)),
          ];
        }),
      },
    },
    {
      id: 'contact',
      articles: ['33(3)(b)'],
      title: text('Contact', 'Kontakt'),
      paragraphs: [officer === null ? same(facts.email) : contactOf(officer)],
    },
    {
      id: 'consequences',
      articles: ['33(3)(c)'],
      title: text('Likely consequences', 'Wahrscheinliche Folgen'),
      paragraphs: [same(consequences)],
    },
    {
      id: 'measures',
      articles: ['33(3)(d)'],
      title: text('Measures', 'Maßnahmen'),
      paragraphs: [same(measures)],
    },
  ];
}

const timeOf = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const hoursOf = ({ awareAt, authorityDueAt }: BreachDocument): number =>
  Math.round((authorityDueAt.getTime() - awareAt.getTime()) / hour);
