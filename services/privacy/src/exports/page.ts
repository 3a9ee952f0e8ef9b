import type { PersonExport } from '@mysmtp/contracts';
import { escapeHtml, htmlOf } from '@mysmtp/http';
import { text, type Language, type Text } from '../documents/text.ts';

type Data = PersonExport['data'];
type Row = readonly string[];

interface Part {
  readonly title: Text;
  readonly head: readonly Text[];
  readonly rows: readonly Row[];
}

const time = text('Time', 'Zeit');
const request = text('Request', 'Anfrage');

/** The same data as in `export.json`, in tables. */
const partsOf = (data: Data): readonly Part[] => [
  {
    title: text('Mail', 'E-Mails'),
    head: [
      time,
      text('From', 'Von'),
      text('To', 'An'),
      text('Outcome', 'Ergebnis'),
      text('Answer of the mail server', 'Antwort des Mailservers'),
    ],
    rows: data['logging.messages'].map(({ acceptedAt, sender, recipient, status, attempts }) => [
      acceptedAt,
      sender,
      recipient,
      status,
      attempts.map(({ at, reply }) => `${at}: ${reply}`).join('\n'),
    ]),
  },
  {
    title: text('Mail that waits for a further attempt', 'E-Mails, die auf einen Versuch warten'),
    head: [time, text('From', 'Von'), text('To', 'An'), text('Octets', 'Oktette')],
    rows: data['delivery.deferred'].map(({ acceptedAt, sender, recipients, octets }) => [
      acceptedAt,
      sender,
      recipients.map(({ address, status }) => `${address} (${status})`).join('\n'),
      String(octets),
    ]),
  },
  {
    title: text('Objections and restrictions', 'Widersprüche und Einschränkungen'),
    head: [time, text('What', 'Was'), request],
    rows: [
      ...data['delivery.suppressions'].map((one) => [one.at, one.ground, one.request]),
      ...data['logging.restrictions'].map((one) => [one.at, 'restriction', one.request]),
    ],
  },
  {
    title: text('Account', 'Konto'),
    head: [time, text('Address', 'Adresse'), text('Name', 'Name'), text('Role', 'Rolle')],
    rows: data['identity.people'].map(({ joinedAt, email, name, role }) => [
      joinedAt,
      email,
      name ?? '',
      role,
    ]),
  },
  {
    title: text('Your requests', 'Ihre Anfragen'),
    head: [time, text('What', 'Was'), request],
    rows: data['privacy.orders'].map(({ givenAt, kind, id }) => [givenAt, kind, id]),
  },
];

/** Of a person who has asked while signed in. */
const accountPartsOf = (data: Data): readonly Part[] => [
  {
    title: text('Second factors', 'Zweite Faktoren'),
    head: [time, text('What', 'Was'), text('Name', 'Name')],
    rows: data['identity.people'].flatMap(({ factors = [] }) =>
      factors.map(({ addedAt, kind, label }) => [addedAt, kind, label ?? '']),
    ),
  },
  {
    title: text('Sessions', 'Sitzungen'),
    head: [time, text('Last used', 'Zuletzt benutzt'), text('Device', 'Gerät')],
    rows: data['identity.sessions'].map((one) => [one.createdAt, one.usedAt, one.device]),
  },
  {
    title: text('Begun and not finished', 'Begonnen und nicht beendet'),
    head: [time, text('What', 'Was'), text('Address', 'Adresse'), text('Until', 'Bis')],
    rows: data['identity.challenges'].map(({ createdAt, kind, address, expiresAt }) => [
      createdAt,
      kind,
      address ?? '',
      expiresAt,
    ]),
  },
  {
    title: text('Notices that wait', 'Nachrichten, die warten'),
    head: [time, text('Subject', 'Betreff')],
    rows: data['identity.notices'].map(({ createdAt, subject }) => [createdAt, subject]),
  },
  {
    title: text(
      'API keys and SMTP credentials that you have made',
      'API-Schlüssel und SMTP-Zugänge, die Sie erstellt haben',
    ),
    head: [time, text('Name', 'Name'), text('Last used', 'Zuletzt benutzt')],
    rows: [
      ...data['identity.tokens'].map((one) => [one.createdAt, one.name, one.lastUsedAt]),
      ...data['identity.credentials'].map((one) => [
        one.createdAt,
        one.label ?? one.username,
        one.lastUsedAt,
      ]),
    ].map((cells) => cells.map((one) => one ?? '')),
  },
  {
    title: text('Consents', 'Einwilligungen'),
    head: [time, text('Purpose', 'Zweck'), text('Given', 'Erteilt')],
    rows: data['privacy.consents'].map(({ at, purpose, given }) => [at, purpose, String(given)]),
  },
  {
    title: text('What you did', 'Was Sie getan haben'),
    head: [
      time,
      text('What', 'Was'),
      text('Object', 'Gegenstand'),
      text('Outcome', 'Ergebnis'),
      text('Network', 'Netz'),
    ],
    rows: data['logging.auditEntries'].map((one) => [
      one.at,
      [one.type, one.operation ?? ''].join(' ').trim(),
      one.object ?? '',
      one.outcome,
      one.address ?? one.network ?? '',
    ]),
  },
];

const intro = text(
  'This is all that we hold of this address for the customer who has sent or received the mail. The file export.json has the same data for a program.',
  'Das ist alles, was wir zu dieser Adresse für den Kunden speichern, der die E-Mails gesendet oder empfangen hat. Die Datei export.json enthält dieselben Daten für ein Programm.',
);
const accountNote = text(
  'It also has what we keep of your account.',
  'Sie enthält auch, was wir zu Ihrem Konto speichern.',
);
const maskedNote = text(
  'The addresses of other people are masked.',
  'Die Adressen anderer Personen sind unkenntlich.',
);
const nothing = text('Nothing.', 'Nichts.');

/** A page that can be read and printed, without scripts. */
export function pageOf(
  { address, createdAt, masked, account, data }: PersonExport,
  language: Language,
): string {
  const paragraphs = [`${address}, ${createdAt}`, intro[language]];
  if (account) paragraphs.push(accountNote[language]);
  if (masked) paragraphs.push(maskedNote[language]);
  return htmlOf({
    language,
    title: text('Your data', 'Ihre Daten')[language],
    main: [
      ...paragraphs.map((one) => tag('p', escapeHtml(one))),
      ...[...partsOf(data), ...(account ? accountPartsOf(data) : [])].map((part) =>
        sectionOf(part, language),
      ),
    ].join('\n'),
  });
}

function sectionOf({ title, head, rows }: Part, language: Language): string {
  const heading = tag('h2', escapeHtml(title[language]));
  if (rows.length === 0) return `${heading}\n${tag('p', nothing[language])}`;
  const row = (cells: readonly string[], cell: 'td' | 'th') =>
    tag('tr', cells.map((one) => tag(cell, linesOf(one))).join(''));
  const name = escapeHtml(title[language]);
  return [
    heading,
    `<div class="wide" role="region" tabindex="0" aria-label="${name}">`,
    `<table><thead>${row(
      head.map((one) => one[language]),
      'th',
    )}</thead>`,
    `<tbody>${rows.map((cells) => row(cells, 'td')).join('\n')}</tbody></table></div>`,
  ].join('\n');
}

const linesOf = (value: string): string => escapeHtml(value).replaceAll('\n', '<br>');
const tag = (name: string, content: string): string => `<${name}>${content}</${name}>`;
