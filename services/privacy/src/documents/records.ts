import type { People } from './categories.ts';
import { wordingOf } from './categories.ts';
import {
  contactOf,
  measures,
  locationsOf,
  processingTable,
  subProcessorTable,
  transfers,
  type Source,
} from './parts.ts';
import { same, text, type Section } from './text.ts';

/** The records of processing: as controller (GDPR Art. 30(1)) and as processor (30(2)). */
export function recordsOf(source: Source): Section[] {
  const { facts, processing } = source;
  const of = (people: People) =>
    processing.filter(({ category }) => wordingOf(category).people === people);
  const officer = facts.dataProtectionOfficer;
  return [
    {
      id: 'controller',
      articles: ['30(1)(a)', '30(2)(a)'],
      title: text('Who keeps this record', 'Wer dieses Verzeichnis führt'),
      paragraphs: [
        contactOf(facts),
        ...(facts.representative === undefined ? [] : [contactOf(facts.representative)]),
        officer === null
          ? text(
              'No data protection officer is required.',
              'Eine datenschutzbeauftragte Person ist nicht vorgeschrieben.',
            )
          : text(
              `Data protection officer: ${contactOf(officer).en}`,
              `Datenschutzbeauftragte Person: ${contactOf(officer).de}`,
            ),
      ],
    },
    {
      id: 'as-controller',
      articles: ['30(1)(b)', '30(1)(c)', '30(1)(f)'],
      title: text(
        'As controller: people with accounts',
        'Als Verantwortlicher: Menschen mit Konten',
      ),
      paragraphs: [
        text(
          'Persons concerned: people who have an account with us, for their organisation or as our staff.',
          'Betroffene Personen: Menschen, die ein Konto bei uns haben, für ihre Organisation oder als unsere Mitarbeiter.',
        ),
      ],
      table: processingTable(of('account')),
    },
    {
      id: 'recipients',
      articles: ['30(1)(d)'],
      title: text('Recipients', 'Empfänger'),
      paragraphs: [
        text(
          'Mail servers of recipients; the customer, for its own log; the sub-processors below.',
          'Mailserver von Empfängern; der Kunde, für sein eigenes Protokoll; die Unterauftragnehmer unten.',
        ),
      ],
      table: subProcessorTable(facts),
    },
    {
      id: 'as-processor',
      articles: ['30(2)(b)'],
      title: text(
        'As processor: senders and recipients',
        'Als Auftragsverarbeiter: Absender und Empfänger',
      ),
      paragraphs: [
        text(
          'Persons concerned: those whose addresses are in mail of customers.',
          'Betroffene Personen: alle, deren Adressen in E-Mails von Kunden stehen.',
        ),
      ],
      table: processingTable(of('mail')),
    },
    {
      id: 'controllers',
      articles: ['30(2)(a)'],
      title: text('The controllers that instruct us', 'Die Verantwortlichen, die uns anweisen'),
      paragraphs: [
        text(
          'Each customer. Their names and contacts are encrypted in the store identity.tenants, and an operator prints them for an authority.',
          'Jeder Kunde. Ihre Namen und Kontakte liegen verschlüsselt im Speicher identity.tenants, und der Betreiber druckt sie für eine Behörde aus.',
        ),
      ],
    },
    transfers(source, ['30(1)(e)', '30(2)(c)']),
    {
      id: 'periods',
      articles: ['30(1)(f)'],
      title: text('Time limits', 'Löschfristen'),
      paragraphs: [
        text(
          `As in the tables. Log lines: ${String(facts.logRetentionDays)} days. Backups of databases: ${String(facts.backupRetentionDays)} days.`,
          `Wie in den Tabellen. Protokollzeilen: ${String(facts.logRetentionDays)} Tage. Sicherungen der Datenbanken: ${String(facts.backupRetentionDays)} Tage.`,
        ),
      ],
    },
    measures(['30(1)(g)', '30(2)(d)'], source),
    {
      id: 'stores',
      articles: ['30(1)(c)'],
      title: text('Where each category is stored', 'Wo jede Kategorie gespeichert ist'),
      paragraphs: [
        text(
          `The ids are those of the public registry of personal data. Place: ${locationsOf(facts).en}.`,
          `Die Kennungen sind die des öffentlichen Verzeichnisses der Daten. Ort: ${locationsOf(facts).de}.`,
        ),
      ],
      table: {
        head: [text('Category', 'Kategorie'), text('Stores', 'Speicher')],
        rows: processing.map(({ category, stores }) => [
          wordingOf(category).title,
          same(stores.join(', ')),
        ]),
      },
    },
  ];
}
