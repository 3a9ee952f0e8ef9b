import { text, type Text } from './text.ts';

interface Wording {
  readonly title: Text;
  /** The data itself. */
  readonly data: Text;
  readonly why: Text;
  /** `{limit}`: the longest limit of its stores in this installation. */
  readonly kept: Text;
  /** Added if a store of the category has a limit. */
  readonly limited?: Text;
}

/**
 * `account`: people who have an account, for whose data mySMTP is the controller. `mail`: senders and
 * recipients of mail, for whose data the customer is the controller and mySMTP its processor.
 */
export type People = 'account' | 'mail';

/** The stores of the registry in the words of a person who is no lawyer and no engineer. */
const categories = {
  account: {
    people: 'account',
    title: text('Your account', 'Ihr Konto'),
    data: text(
      'Your name, your email address, your role, the name of your organisation.',
      'Ihr Name, Ihre E-Mail-Adresse, Ihre Rolle, der Name Ihrer Organisation.',
    ),
    why: text(
      'To serve your organisation.',
      'Damit wir den Dienst für Ihre Organisation erbringen.',
    ),
    kept: text('As long as the account exists.', 'Solange das Konto besteht.'),
  },
  'sign-in': {
    people: 'account',
    title: text('Sign-in', 'Anmeldung'),
    data: text(
      'Your password (only as a hash), your second factor, your sessions with the name of the browser, and what you have begun, such as a reset of the password.',
      'Ihr Passwort (nur als Hash), Ihr zweiter Faktor, Ihre Sitzungen mit dem Namen des Browsers, und was Sie begonnen haben, zum Beispiel ein neues Passwort zu setzen.',
    ),
    why: text('So that only you can use your account.', 'Damit nur Sie Ihr Konto benutzen können.'),
    kept: text(
      'Password and second factor: as long as the account exists. All else: at most {limit}.',
      'Passwort und zweiter Faktor: solange das Konto besteht. Alles andere: höchstens {limit}.',
    ),
  },
  sending: {
    people: 'account',
    title: text('Domains and credentials', 'Domains und Zugangsdaten'),
    data: text(
      'The domains, SMTP credentials, API keys and sign-in provider of your organisation, with the names that you gave them.',
      'Die Domains, SMTP-Zugangsdaten, API-Schlüssel und der Anmeldedienst Ihrer Organisation mit den Namen, die Sie ihnen gegeben haben.',
    ),
    why: text(
      'To know who may send mail for your organisation.',
      'Damit wir wissen, wer für Ihre Organisation E-Mails senden darf.',
    ),
    kept: text(
      'Until you remove them, or the account ends. Ids without a name stay, so that no old copy brings the rest back.',
      'Bis Sie sie entfernen oder das Konto endet. Kennungen ohne Namen bleiben, damit keine alte Kopie den Rest zurückbringt.',
    ),
  },
  limits: {
    people: 'account',
    title: text('Use of the service', 'Nutzung des Dienstes'),
    data: text(
      'How much mail your organisation and each credential have sent: numbers only.',
      'Wie viele E-Mails Ihre Organisation und jeder Zugang gesendet haben: nur Zahlen.',
    ),
    why: text('For the limits of the plan.', 'Für die Grenzen des Tarifs.'),
    kept: text('Until 32 days after the last message.', 'Bis 32 Tage nach der letzten Nachricht.'),
  },
  statistics: {
    people: 'account',
    title: text('Statistics', 'Statistik'),
    data: text(
      'How many messages of each credential were delivered or failed, by hour: numbers only.',
      'Wie viele E-Mails jedes Zugangs zugestellt wurden oder gescheitert sind, je Stunde: nur Zahlen.',
    ),
    why: text(
      'So that your organisation can compare its use over time.',
      'Damit Ihre Organisation die Nutzung über die Zeit vergleichen kann.',
    ),
    kept: text('400 days.', '400 Tage.'),
  },
  notices: {
    people: 'account',
    title: text('Messages from us', 'Nachrichten von uns'),
    data: text(
      'Mail that we write to you about your account.',
      'E-Mails, die wir Ihnen zu Ihrem Konto schreiben.',
    ),
    why: text(
      'To warn you and to confirm changes.',
      'Um Sie zu warnen und Änderungen zu bestätigen.',
    ),
    kept: text('Until it is sent: at most {limit}.', 'Bis sie gesendet sind: höchstens {limit}.'),
  },
  oversight: {
    people: 'account',
    title: text('Acts of our staff', 'Handlungen unserer Mitarbeiter'),
    data: text(
      'What our staff saw of your organisation and did to it, and why; suspensions, your appeal and our answer.',
      'Was unsere Mitarbeiter von Ihrer Organisation gesehen und an ihr getan haben, und warum; Sperren, Ihr Widerspruch und unsere Antwort.',
    ),
    why: text(
      'So that you can check us, and we can show what we did.',
      'Damit Sie uns kontrollieren können und wir belegen können, was wir getan haben.',
    ),
    kept: text('As long as the account exists.', 'Solange das Konto besteht.'),
  },
  requests: {
    people: 'account',
    title: text('Your requests', 'Ihre Anfragen'),
    data: text(
      'Your requests to use a right, what was decided and done, and certificates. Your address until the request is done; then ids, times and counts, no name.',
      'Ihre Anfragen, ein Recht zu nutzen, was entschieden und getan wurde, und Bescheinigungen. Ihre Adresse, bis die Anfrage erledigt ist; danach Kennungen, Zeiten und Zahlen, kein Name.',
    ),
    why: text('To show what we did.', 'Um zu belegen, was wir getan haben.'),
    kept: text('{limit}.', '{limit}.'),
  },
  consents: {
    people: 'account',
    title: text('Your consents', 'Ihre Einwilligungen'),
    data: text(
      'To what you have consented, to which text, when, and when you withdrew it.',
      'Worin Sie eingewilligt haben, in welchen Text, wann, und wann Sie widerrufen haben.',
    ),
    why: text('To show that you consented.', 'Um zu belegen, dass Sie eingewilligt haben.'),
    kept: text(
      'Until three years after the consent has ended, or your organisation is erased.',
      'Bis drei Jahre nach dem Ende der Einwilligung, oder bis Ihre Organisation gelöscht wird.',
    ),
  },
  breaches: {
    people: 'account',
    title: text('Incidents', 'Vorfälle'),
    data: text(
      'What happened in a breach of personal data, whom it concerns, and what was done.',
      'Was bei einer Verletzung des Datenschutzes geschah, wen sie betrifft und was getan wurde.',
    ),
    why: text('The law requires a register.', 'Das Gesetz verlangt ein Verzeichnis.'),
    kept: text('{limit}.', '{limit}.'),
  },
  security: {
    people: 'account',
    title: text('Security records', 'Sicherheitsaufzeichnungen'),
    data: text(
      'Who did what and when, by ids that we generate; attempts to sign in, with the IP address. No content of mail.',
      'Wer wann was getan hat, mit Kennungen, die wir erzeugen; Versuche der Anmeldung, mit der IP-Adresse. Kein Inhalt von E-Mails.',
    ),
    why: text(
      'To find and stop attacks, faults and abuse.',
      'Um Angriffe, Fehler und Missbrauch zu finden und zu beenden.',
    ),
    kept: text(
      'Log lines: as stated below under “How long”.',
      'Protokollzeilen: wie unten unter „Wie lange“ angegeben.',
    ),
    limited: text(
      'Other records: at most {limit}, a full IP address at most 7 days.',
      'Andere Aufzeichnungen: höchstens {limit}, eine vollständige IP-Adresse höchstens 7 Tage.',
    ),
  },
  mail: {
    people: 'mail',
    title: text('Mail on its way', 'E-Mails unterwegs'),
    data: text(
      'The addresses of sender and recipients, and the whole message.',
      'Die Adressen von Absender und Empfängern, und die ganze Nachricht.',
    ),
    why: text('To deliver it.', 'Um sie zuzustellen.'),
    kept: text(
      'Until it is delivered or has failed: usually seconds, at most {limit}; longer while the customer is suspended.',
      'Bis sie zugestellt oder gescheitert ist: meist Sekunden, höchstens {limit}; länger, solange der Kunde gesperrt ist.',
    ),
  },
  'usage-log': {
    people: 'mail',
    title: text('The customer’s log', 'Das Protokoll des Kunden'),
    data: text(
      'Sender, recipient, time, and the answer of the recipient’s mail server. No content of mail.',
      'Absender, Empfänger, Zeit und die Antwort des Mailservers des Empfängers. Kein Inhalt von E-Mails.',
    ),
    why: text(
      'So that the customer sees what became of its mail.',
      'Damit der Kunde sieht, was aus seinen E-Mails wurde.',
    ),
    kept: text(
      'As long as we or the customer have set, at most {limit}.',
      'So lange, wie wir oder der Kunde festgelegt haben, höchstens {limit}.',
    ),
  },
  'new-recipients': {
    people: 'mail',
    title: text('Protection from stolen credentials', 'Schutz vor gestohlenen Zugangsdaten'),
    data: text(
      'A summary of the recipients of each day, made of keyed values. It serves to estimate how many recipients are new. No address can be read from it.',
      'Eine Zusammenfassung der Empfänger jedes Tages aus Werten unter einem Schlüssel. Sie dient dazu, die Zahl der neuen Empfänger zu schätzen. Keine Adresse ist daraus zu lesen.',
    ),
    why: text(
      'To notice that somebody sends unsolicited mail with stolen credentials of a customer.',
      'Um zu bemerken, dass jemand mit gestohlenen Zugangsdaten eines Kunden unverlangte E-Mails sendet.',
    ),
    kept: text('At most {limit}.', 'Höchstens {limit}.'),
  },
  'person-requests': {
    people: 'mail',
    title: text('Your requests for your data', 'Ihre Anfragen zu Ihren Daten'),
    data: text(
      'That you asked for access, objected or had the use restricted; for access a copy of your data, sealed under a key of its own.',
      'Dass Sie Auskunft verlangt, widersprochen oder die Verarbeitung eingeschränkt haben; bei einer Auskunft eine Kopie Ihrer Daten, versiegelt mit einem eigenen Schlüssel.',
    ),
    why: text('To do what you asked for.', 'Um zu tun, worum Sie gebeten haben.'),
    kept: text(
      'The copy: 7 days. The request: until 30 days after it is done.',
      'Die Kopie: 7 Tage. Die Anfrage: bis 30 Tage nach ihrer Erledigung.',
    ),
  },
  objections: {
    people: 'mail',
    title: text('Objections and restrictions', 'Widersprüche und Einschränkungen'),
    data: text(
      'That no mail of this customer is sent to your address: as a keyed value, from which the address cannot be read.',
      'Dass keine E-Mails dieses Kunden an Ihre Adresse gesendet werden: als Wert unter einem Schlüssel, aus dem die Adresse nicht zu lesen ist.',
    ),
    why: text('So that your objection stays in force.', 'Damit Ihr Widerspruch in Kraft bleibt.'),
    kept: text(
      'Until it is withdrawn, or the customer is erased.',
      'Bis er zurückgenommen wird oder der Kunde gelöscht wird.',
    ),
  },
} as const satisfies Readonly<Record<string, Wording & { readonly people: People }>>;

export type CategoryId = keyof typeof categories;
export const categoryIds = Object.keys(categories) as [CategoryId, ...CategoryId[]];
export const wordingOf = (id: CategoryId): Wording & { readonly people: People } => categories[id];

/** The category of each collection in the registry, by its id or by its end. */
export const categoryOfCollection: Readonly<Record<string, CategoryId>> = {
  '*.identityProjection': 'sending',
  'ingress.spool.files': 'mail',
  'ingress.spool.chunks': 'mail',
  'ingress.usage': 'limits',
  'ingress.recipientSketches': 'new-recipients',
  'delivery.deferred': 'mail',
  'delivery.dkimKeys': 'sending',
  'delivery.suppressions': 'objections',
  'logging.messages': 'usage-log',
  'logging.restrictions': 'objections',
  'logging.auditEntries': 'security',
  'logging.findings': 'security',
  'logging.retentions': 'account',
  'logging.statistics': 'statistics',
  'identity.tenants': 'account',
  'identity.domains': 'sending',
  'identity.domainChecks': 'sending',
  'identity.credentials': 'sending',
  'identity.tokens': 'sending',
  'identity.signInProviders': 'sending',
  'identity.suspensions': 'oversight',
  'identity.accesses': 'oversight',
  'identity.accessLog': 'oversight',
  'identity.notices': 'notices',
  'identity.people': 'account',
  'identity.sessions': 'sign-in',
  'identity.challenges': 'sign-in',
  'privacy.tenants': 'sending',
  'privacy.deadLetters': 'usage-log',
  'privacy.consents': 'consents',
  'privacy.orders': 'person-requests',
  'privacy.orderParts': 'person-requests',
  'privacy.exports': 'person-requests',
  'privacy.breaches': 'breaches',
  'privacy.erasures': 'requests',
  'privacy.erasureAnswers': 'requests',
  'privacy.requests': 'requests',
  'privacy.requestPolicies': 'oversight',
  'privacy.holds': 'requests',
  'privacy.mails': 'notices',
};
