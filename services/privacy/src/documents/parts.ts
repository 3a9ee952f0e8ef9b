import { countryName } from './countries.ts';
import type { OperatorFacts } from './operator.ts';
import type { Processing } from './processing.ts';
import { wordingOf } from './categories.ts';
import { joined, period, same, text, type Section, type Table, type Text } from './text.ts';

/** What several documents say. */
export interface Source {
  readonly facts: OperatorFacts;
  readonly processing: readonly Processing[];
}

export const bases: Readonly<Record<Processing['bases'][number], Text>> = {
  'instruction of the customer': text(
    'The customer instructs us (Art. 28 GDPR). The customer is responsible for the legal basis.',
    'Der Kunde weist uns an (Art. 28 DSGVO). Für die Rechtsgrundlage ist der Kunde verantwortlich.',
  ),
  contract: text('Contract (Art. 6(1)(b) GDPR).', 'Vertrag (Art. 6 Abs. 1 lit. b DSGVO).'),
  'legitimate interest': text(
    'Legitimate interest in security (Art. 6(1)(f) GDPR).',
    'Berechtigtes Interesse an der Sicherheit (Art. 6 Abs. 1 lit. f DSGVO).',
  ),
  'legal obligation': text(
    'Legal duty to show what we did (Art. 6(1)(c), 5(2) GDPR).',
    'Gesetzliche Pflicht, zu belegen, was wir getan haben (Art. 6 Abs. 1 lit. c, Art. 5 Abs. 2 DSGVO).',
  ),
  consent: text(
    'Your consent (Art. 6(1)(a) GDPR).',
    'Ihre Einwilligung (Art. 6 Abs. 1 lit. a DSGVO).',
  ),
  'none needed': text('No personal data.', 'Keine personenbezogenen Daten.'),
};

const protections: Readonly<Record<string, Text>> = {
  sealed: text('encrypted', 'verschlüsselt'),
  'blind index': text('keyed hash', 'Hash mit Schlüssel'),
  'hash of a secret': text('hash', 'Hash'),
  'wrapped key': text('encrypted key', 'verschlüsselter Schlüssel'),
  commitment: text('hash', 'Hash'),
  id: text('ids without a name', 'Kennungen ohne Namen'),
  plain: text('times, counts and states', 'Zeiten, Zahlen und Zustände'),
};

const protectionOf = (processing: Processing): Text => {
  const all = processing.protections.flatMap((name) => protections[name] ?? []);
  const distinct = [...new Map(all.map((one) => [one.en, one])).values()];
  return distinct.length === 0
    ? text('ids without a name', 'Kennungen ohne Namen')
    : joined(distinct, ', ');
};

export function keptOf({ category, limit }: Processing): Text {
  const { kept, limited } = wordingOf(category);
  if (limit === null) return kept;
  const { en, de } = limited === undefined ? kept : joined([kept, limited]);
  const longest = period(limit);
  return text(en.replace('{limit}', longest.en), de.replace('{limit}', longest.de));
}

/** A row for each category, with its legal basis and its end. */
export const processingTable = (processing: readonly Processing[]): Table => ({
  head: [
    text('What', 'Was'),
    text('Why', 'Wofür'),
    text('Legal basis', 'Rechtsgrundlage'),
    text('How long', 'Wie lange'),
    text('Protected as', 'Schutz'),
  ],
  rows: processing.map((one) => {
    const { title, data, why } = wordingOf(one.category);
    return [
      joined([title, data], ': '),
      why,
      joined(one.bases.map((basis) => bases[basis])),
      keptOf(one),
      protectionOf(one),
    ];
  }),
});

interface Contact {
  readonly name: string;
  readonly address: readonly string[];
  readonly email: string;
  readonly phone?: string | undefined;
}

export const contactOf = ({ name, address, email, phone }: Contact): Text =>
  same([name, ...address, email, ...(phone === undefined ? [] : [phone])].join(', '));

export const subProcessorTable = ({ subProcessors }: OperatorFacts): Table => ({
  head: [
    text('Who', 'Wer'),
    text('Task', 'Aufgabe'),
    text('Country', 'Land'),
    text('Data', 'Daten'),
    text('Safeguard outside the EEA', 'Garantie außerhalb des EWR'),
    text(
      'Told of a rectification, erasure or restriction',
      'Erfährt von Berichtigung, Löschung oder Einschränkung',
    ),
  ],
  rows: subProcessors.map(({ name, address, task, country, data, transfer, notify }) => [
    same([name, ...address].join(', ')),
    task,
    text(countryName(country, 'en'), countryName(country, 'de')),
    joined(
      data.map((category) => wordingOf(category).title),
      '; ',
    ),
    transfer ?? text('not needed', 'nicht nötig'),
    'reason' in notify ? joined([text('no:', 'nein:'), notify.reason]) : text('yes', 'ja'),
  ]),
});

export const locationsOf = ({ places }: OperatorFacts): Text => {
  const within = (language: 'en' | 'de') =>
    places.map(({ city, country }) => `${city} (${countryName(country, language)})`).join(', ');
  return text(within('en'), within('de'));
};

export const transfers = ({ facts }: Source, articles: readonly string[]): Section => ({
  id: 'transfers',
  articles,
  title: text('Does data leave the EU?', 'Verlassen Daten die EU?'),
  paragraphs: [
    text(
      `We store and process data here: ${locationsOf(facts).en}.`,
      `Wir speichern und verarbeiten Daten hier: ${locationsOf(facts).de}.`,
    ),
    text(
      'A mail goes to the mail server of its recipient. This server may be outside the EU. The customer chooses the recipients, so this transfer follows the instruction of the customer.',
      'Eine E-Mail geht an den Mailserver des Empfängers. Dieser Server kann außerhalb der EU stehen. Der Kunde wählt die Empfänger, also folgt diese Übermittlung der Weisung des Kunden.',
    ),
    facts.subProcessors.some(({ transfer }) => transfer !== undefined)
      ? text(
          'Some sub-processors are outside the EEA. The list of sub-processors names the safeguard for each.',
          'Einige Unterauftragnehmer sind außerhalb des EWR. Die Liste der Unterauftragnehmer nennt die Garantie für jeden.',
        )
      : text(
          'None of our sub-processors processes data outside the EEA.',
          'Keiner unserer Unterauftragnehmer verarbeitet Daten außerhalb des EWR.',
        ),
  ],
});

/** The technical and organisational measures (GDPR Art. 32). */
export const measures = (articles: readonly string[], { facts }: Source): Section => ({
  id: 'measures',
  articles,
  title: text('How we protect the data', 'Wie wir die Daten schützen'),
  paragraphs: [
    text(
      'Encryption. Connections between our services use TLS 1.3. Stored personal data is encrypted with AES-256-GCM. Mail and the customer’s log have a key for each customer and day. These keys are destroyed on a schedule. Then the copies in backups that are encrypted with them are unreadable.',
      'Verschlüsselung. Verbindungen zwischen unseren Diensten nutzen TLS 1.3. Gespeicherte personenbezogene Daten sind mit AES-256-GCM verschlüsselt. E-Mails und das Protokoll des Kunden haben einen Schlüssel je Kunde und Tag. Diese Schlüssel werden nach einem festen Plan vernichtet. Dann sind die Kopien in Sicherungen unlesbar, die mit ihnen verschlüsselt sind.',
    ),
    text(
      'Access. Each person has a role with few rights and a second factor. Our staff see data of a customer only after they have opened an access with a reason, for at most four hours. The customer sees each such access.',
      'Zugriff. Jede Person hat eine Rolle mit wenigen Rechten und einen zweiten Faktor. Unsere Mitarbeiter sehen Daten eines Kunden nur, wenn sie einen Zugriff mit einem Grund geöffnet haben, für höchstens vier Stunden. Der Kunde sieht jeden solchen Zugriff.',
    ),
    text(
      'Few data. Log lines and metrics have no name, no address and no domain. Each field that exists is in a public list, and a test compares the list with a running system.',
      'Wenige Daten. Protokollzeilen und Messwerte haben keinen Namen, keine Adresse und keine Domain. Jedes Feld, das es gibt, steht in einer öffentlichen Liste, und ein Test vergleicht die Liste mit einem laufenden System.',
    ),
    text(
      'Erasure. Data is erased by time and on request. After a request all stores are searched again, and a signed certificate records the result.',
      'Löschung. Daten werden nach Zeit und auf Anfrage gelöscht. Nach einer Anfrage werden alle Speicher noch einmal durchsucht, und eine signierte Bescheinigung hält das Ergebnis fest.',
    ),
    text(
      `Availability. Mail is confirmed only when it is stored safely. Backups of databases are kept for ${String(facts.backupRetentionDays)} days, apart from the keys.`,
      `Verfügbarkeit. E-Mails werden erst bestätigt, wenn sie sicher gespeichert sind. Sicherungen der Datenbanken werden ${String(facts.backupRetentionDays)} Tage aufbewahrt, getrennt von den Schlüsseln.`,
    ),
    text(
      'Review. Alerts watch each of these measures, and each change of the software runs their tests.',
      'Überprüfung. Alarme überwachen jede dieser Maßnahmen, und jede Änderung der Software führt ihre Tests aus.',
    ),
  ],
});
