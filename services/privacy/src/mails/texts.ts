import type { CopyState, RequestKind, RequestOutcome, RequestState } from '@mysmtp/api';
import { text, type Language, type Text } from '../documents/text.ts';

/** The right of each kind, in the words of a person. */
export const kindNames: Readonly<Record<RequestKind, Text>> = {
  access: text('a copy of my data', 'eine Kopie meiner Daten'),
  portability: text(
    'my data in a form that programs can read',
    'meine Daten in einer Form, die Programme lesen können',
  ),
  rectification: text('correct my data', 'meine Daten berichtigen'),
  erasure: text('erase my data', 'meine Daten löschen'),
  restriction: text(
    'keep my data, but do not use it',
    'meine Daten behalten, aber nicht verwenden',
  ),
  objection: text('send me no more mail', 'mir keine E-Mails mehr senden'),
};

export const stateNames: Readonly<Record<RequestState, Text>> = {
  awaiting_challenge: text('not confirmed yet', 'noch nicht bestätigt'),
  received: text('received', 'eingegangen'),
  waiting_for_tenant: text(
    'waits for the customer who is responsible for the data',
    'wartet auf den Kunden, der für die Daten verantwortlich ist',
  ),
  in_progress: text('in progress', 'in Arbeit'),
  partial: text('not complete yet, is tried again', 'noch unvollständig, wird wiederholt'),
  failed: text('failed, a human looks at it', 'fehlgeschlagen, ein Mensch sieht es sich an'),
  held: text(
    'done, except what the law requires to keep for now',
    'erledigt, außer dem, was nach dem Gesetz vorerst aufbewahrt werden muss',
  ),
  completed_live: text(
    'done: nothing is left in the running systems, copies in backups end later',
    'erledigt: in den laufenden Systemen ist nichts mehr, Kopien in Sicherungen enden später',
  ),
  completed: text('done', 'erledigt'),
  refused: text('refused', 'abgelehnt'),
  cancelled: text('withdrawn', 'zurückgezogen'),
};

/** What a person has to know about the copy of one customer. */
export const copyNames: Readonly<Record<CopyState, Text>> = {
  download: text('the copy can be downloaded until', 'die Kopie kann abgerufen werden bis'),
  sent_by_customer: text(
    'the customer sends you the copy itself',
    'der Kunde schickt Ihnen die Kopie selbst',
  ),
  ended: text('the copy is not here any more', 'die Kopie ist nicht mehr hier'),
};

export interface Written {
  readonly subject: string;
  readonly text: string;
}

export const written = (
  language: Language,
  subject: Text,
  paragraphs: readonly Text[],
): Written => ({
  subject: subject[language],
  text: `${paragraphs.map((one) => one[language]).join('\n\n')}\n`,
});

export const utc = (time: Date): string =>
  `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const automatic = text(
  'This message was sent automatically. Replies are not read.',
  'Diese Nachricht wurde automatisch gesendet. Antworten werden nicht gelesen.',
);

/** The link by which a person confirms a request. Whether we know the address is not in it. */
export const challengeMail = (
  language: Language,
  {
    kind,
    link,
    code,
    until,
  }: {
    readonly kind: RequestKind;
    readonly link: string;
    readonly code: string;
    readonly until: Date;
  },
): Written =>
  written(
    language,
    text(
      'Please confirm your request about your data',
      'Bitte Ihre Anfrage zu Ihren Daten freigeben',
    ),
    [
      text(
        `Somebody has requested from us for this address: “${kindNames[kind].en}”. If it was you, confirm it until ${utc(until)}:`,
        `Jemand hat für diese Adresse von uns verlangt: „${kindNames[kind].de}“. Wenn Sie es waren, bestätigen Sie es bis ${utc(until)}:`,
      ),
      text(link, link),
      text(
        `If the link does not work, enter this code on the page: ${code}`,
        `Wenn der Link nicht geht, geben Sie auf der Seite diesen Code ein: ${code}`,
      ),
      text(
        'If it was not you, you need not do anything. This mail does not say whether we have data about you.',
        'Wenn Sie es nicht waren, müssen Sie nichts tun. Diese Nachricht sagt nicht, ob wir Daten über Sie haben.',
      ),
      automatic,
    ],
  );

const copyIsHere = text(
  'You download a copy on the page of your request, with the secret that you got when you confirmed it.',
  'Sie rufen eine Kopie auf der Seite Ihrer Anfrage ab, mit dem Geheimnis, das Sie bei der Bestätigung bekommen haben.',
);

const copyIsElsewhere = text(
  'A copy shows whom the mail is from. If a customer does not want to be named, only the customer can give you its copy: it can download it from us for 7 days. If it does not arrive, write to us.',
  'Eine Kopie zeigt, von wem die E-Mails sind. Wenn ein Kunde nicht genannt werden will, kann nur er Ihnen seine Kopie geben: er kann sie 7 Tage lang bei uns abrufen. Wenn sie nicht ankommt, schreiben Sie uns.',
);

/** What was done, and never for whom unless the customer says so (GDPR Art. 12(3), (4)). */
export const resultMail = (
  language: Language,
  {
    kind,
    state,
    parts,
    complaint,
    contact,
  }: {
    readonly kind: RequestKind;
    readonly state: RequestState;
    readonly parts: readonly RequestOutcome[];
    readonly complaint: string;
    /** Who also names the recipients that were told (GDPR Art. 19), if any are. */
    readonly contact: string | undefined;
  },
): Written => {
  const some = parts.length > 0;
  return written(
    language,
    text('Your request about your data: result', 'Ihre Anfrage zu Ihren Daten: Ergebnis'),
    [
      text(
        `You have requested: “${kindNames[kind].en}”. Result: ${stateNames[state].en}.`,
        `Sie haben verlangt: „${kindNames[kind].de}“. Ergebnis: ${stateNames[state].de}.`,
      ),
      ...(some ? parts.map(lineOf) : [nothing]),
      ...(parts.some(({ copy }) => copy === 'download') ? [copyIsHere] : []),
      ...(parts.some(({ copy }) => copy === 'sent_by_customer') ? [copyIsElsewhere] : []),
      ...(some && contact !== undefined
        ? [
            text(
              `We tell those who have got your data from us. The page of your request shows who they are. You can also write to ${contact}.`,
              `Wir teilen es denen mit, die Ihre Daten von uns bekommen haben. Die Seite Ihrer Anfrage zeigt, wer das ist. Sie können auch an ${contact} schreiben.`,
            ),
          ]
        : []),
      ...(parts.some((part) => part.state === 'refused') || state === 'refused'
        ? [
            text(
              `You can lodge a complaint with a supervisory authority, for example ${complaint}, and go to court.`,
              `Sie können sich bei einer Aufsichtsbehörde beschweren, zum Beispiel ${complaint}, und vor Gericht gehen.`,
            ),
          ]
        : []),
      text(
        'The page of your request shows the certificates, by the secret that you got when you confirmed it.',
        'Die Seite Ihrer Anfrage zeigt die Bescheinigungen, mit dem Geheimnis, das Sie bei der Bestätigung bekommen haben.',
      ),
      automatic,
    ],
  );
};

const nothing = text(
  'No customer of ours has data about this address.',
  'Kein Kunde von uns hat Daten zu dieser Adresse.',
);

function lineOf({ state, reason, by, copy, download }: RequestOutcome): Text {
  const why = reason === null ? '' : ` (${reason})`;
  const until = download === null ? '' : ` ${utc(new Date(download.until))}`;
  const of = (language: Language) =>
    copy === null ? '' : `; ${copyNames[copy][language]}${until}`;
  return text(
    `- ${by ?? 'A customer'}: ${stateNames[state].en}${why}${of('en')}`,
    `- ${by ?? 'Ein Kunde'}: ${stateNames[state].de}${why}${of('de')}`,
  );
}

/** One customer is done before the others. */
export const copyMail = (
  language: Language,
  { kind, part }: { readonly kind: RequestKind; readonly part: RequestOutcome },
): Written =>
  written(
    language,
    text('Your request about your data: a copy', 'Ihre Anfrage zu Ihren Daten: eine Kopie'),
    [
      text(
        `You have requested: “${kindNames[kind].en}”. One customer is done, others are not.`,
        `Sie haben verlangt: „${kindNames[kind].de}“. Ein Kunde ist fertig, andere sind es noch nicht.`,
      ),
      lineOf(part),
      copyIsHere,
      automatic,
    ],
  );

/** GDPR Art. 12(3): within the first month, with the reason. */
export const extensionMail = (
  language: Language,
  {
    kind,
    reason,
    until,
  }: {
    readonly kind: RequestKind;
    readonly reason: string;
    readonly until: Date;
  },
): Written =>
  written(
    language,
    text('Your request about your data takes longer', 'Ihre Anfrage zu Ihren Daten dauert noch'),
    [
      text(
        `You have requested: “${kindNames[kind].en}”. The answer takes longer, at most until ${utc(until)}. The reason:`,
        `Sie haben verlangt: „${kindNames[kind].de}“. Die Antwort dauert länger, höchstens bis ${utc(until)}. Der Grund:`,
      ),
      text(reason, reason),
      automatic,
    ],
  );

/** GDPR Art. 18(3): before the customer ends a restriction. */
export const liftingMail = (
  language: Language,
  {
    customer,
    page,
    complaint,
  }: {
    /** If the customer says who it is. */
    readonly customer: string | null;
    readonly page: string;
    readonly complaint: string;
  },
): Written =>
  written(
    language,
    text(
      'The restriction of your data will be lifted',
      'Die Einschränkung Ihrer Daten wird aufgehoben',
    ),
    [
      text(
        `${customer ?? 'A customer of ours'} has data about you that is stored and not used (restriction, Art. 18 GDPR). The customer now lifts this restriction. After this mail it may use the data again and send you mail.`,
        `${customer ?? 'Ein Kunde von uns'} hat Daten über Sie, die gespeichert und nicht verwendet werden (Einschränkung, Art. 18 DSGVO). Der Kunde hebt diese Einschränkung nun auf. Nach dieser Nachricht darf er die Daten wieder verwenden und Ihnen E-Mails senden.`,
      ),
      text(
        'If you do not agree, you can request a restriction again, object to the mail, or have the data erased:',
        'Wenn Sie nicht einverstanden sind, können Sie erneut eine Einschränkung verlangen, den E-Mails widersprechen oder die Daten löschen lassen:',
      ),
      text(page, page),
      text(
        `You can also lodge a complaint with a supervisory authority, for example ${complaint}.`,
        `Sie können sich auch bei einer Aufsichtsbehörde beschweren, zum Beispiel ${complaint}.`,
      ),
      automatic,
    ],
  );
