import { contactOf, processingTable, subProcessorTable, transfers, type Source } from './parts.ts';
import { wordingOf } from './categories.ts';
import { text, type Section } from './text.ts';

/** The privacy notice (GDPR Art. 12 to 14), in plain language. */
export function noticeOf(source: Source): Section[] {
  const { facts, processing } = source;
  const officer = facts.dataProtectionOfficer;
  const of = (people: 'account' | 'mail') =>
    processing.filter(({ category }) => wordingOf(category).people === people);
  return [
    {
      id: 'who',
      articles: ['13(1)(a)', '14(1)(a)'],
      title: text('Who we are', 'Wer wir sind'),
      paragraphs: [
        text(
          `We run a mail relay: ${contactOf(facts).en}.`,
          `Wir betreiben ein Mail-Relay: ${contactOf(facts).de}.`,
        ),
        ...(facts.representative === undefined
          ? []
          : [
              text(
                `Our representative in the EU: ${contactOf(facts.representative).en}.`,
                `Unser Vertreter in der EU: ${contactOf(facts.representative).de}.`,
              ),
            ]),
        text(
          'If you have an account with us, we are responsible for your data. If a customer of ours sent you a mail, or you sent mail through a customer, the customer is responsible. We then only do what the customer tells us. You may ask us all the same. We do with your request what the customer has told us to do, and the customer learns of it.',
          'Wenn Sie ein Konto bei uns haben, sind wir für Ihre Daten verantwortlich. Wenn ein Kunde von uns Ihnen eine E-Mail geschickt hat oder Sie über einen Kunden senden, ist der Kunde verantwortlich. Wir tun dann nur, was der Kunde uns sagt. Sie dürfen trotzdem uns fragen. Wir tun mit Ihrer Anfrage, was der Kunde festgelegt hat, und der Kunde erfährt davon.',
        ),
      ],
    },
    {
      id: 'officer',
      articles: ['13(1)(b)', '14(1)(b)'],
      title: text('Data protection officer', 'Datenschutzbeauftragte Person'),
      paragraphs: [
        officer === null
          ? text(
              `We need not have a data protection officer. Write to ${facts.email}.`,
              `Wir müssen keine datenschutzbeauftragte Person haben. Schreiben Sie an ${facts.email}.`,
            )
          : contactOf(officer),
      ],
    },
    {
      id: 'account-data',
      articles: ['13(1)(c)', '13(2)(a)', '14(1)(c)', '14(1)(d)', '14(2)(a)'],
      title: text('If you have an account', 'Wenn Sie ein Konto haben'),
      paragraphs: [
        text('This is all that we hold about you.', 'Das ist alles, was wir über Sie speichern.'),
      ],
      table: processingTable(of('account')),
    },
    {
      id: 'mail-data',
      articles: ['14(1)(c)', '14(1)(d)', '14(2)(a)'],
      title: text('If you send or get mail', 'Wenn Sie E-Mails senden oder erhalten'),
      paragraphs: [
        text(
          'We never keep the content of a mail after it was delivered or has failed. We do not record whether you opened a mail or clicked on a link.',
          'Wir behalten nie den Inhalt einer E-Mail, nachdem sie zugestellt wurde oder gescheitert ist. Wir zeichnen nicht auf, ob Sie eine E-Mail geöffnet oder einen Link angeklickt haben.',
        ),
      ],
      table: processingTable(of('mail')),
    },
    {
      id: 'interests',
      articles: ['13(1)(d)', '14(2)(b)'],
      title: text('Our legitimate interest', 'Unser berechtigtes Interesse'),
      paragraphs: [
        text(
          'We keep security records because a mail relay is attacked all the time, and a summary of recipients because credentials are stolen. We have weighed these interests against yours in writing, and send you the texts if you ask.',
          'Wir führen Sicherheitsaufzeichnungen, weil ein Mail-Relay ständig angegriffen wird, und eine Zusammenfassung der Empfänger, weil Zugangsdaten gestohlen werden. Wir haben diese Interessen schriftlich gegen Ihre abgewogen und schicken Ihnen die Texte, wenn Sie fragen.',
        ),
      ],
    },
    {
      id: 'recipients',
      articles: ['13(1)(e)', '14(1)(e)'],
      title: text('Who gets the data', 'Wer die Daten erhält'),
      paragraphs: [
        text(
          'We sell no data, and we give none to advertisers. A mail goes to the mail servers of its recipients. The customer sees its own log.',
          'Wir verkaufen keine Daten und geben keine an Werbende. Eine E-Mail geht an die Mailserver ihrer Empfänger. Der Kunde sieht sein eigenes Protokoll.',
        ),
        facts.subProcessors.length === 0
          ? text('We have no sub-processors.', 'Wir haben keine Unterauftragnehmer.')
          : text('These companies work for us:', 'Diese Firmen arbeiten für uns:'),
      ],
      ...(facts.subProcessors.length === 0 ? {} : { table: subProcessorTable(facts) }),
    },
    transfers(source, ['13(1)(f)', '14(1)(f)']),
    {
      id: 'periods',
      articles: ['13(2)(a)', '14(2)(a)'],
      title: text('How long', 'Wie lange'),
      paragraphs: [
        text(
          `Log lines are kept for ${String(facts.logRetentionDays)} days, and backups of databases for ${String(facts.backupRetentionDays)} days. All other periods are in the tables above. They are upper limits: the software accepts no setting that exceeds them.`,
          `Protokollzeilen werden ${String(facts.logRetentionDays)} Tage aufbewahrt, Sicherungen der Datenbanken ${String(facts.backupRetentionDays)} Tage. Alle anderen Fristen stehen in den Tabellen oben. Sie sind Obergrenzen: Die Software nimmt keine Einstellung an, die sie überschreitet.`,
        ),
      ],
    },
    {
      id: 'rights',
      articles: ['13(2)(b)', '14(2)(c)'],
      title: text('Your rights', 'Ihre Rechte'),
      paragraphs: [
        text(
          'You may see your data and get a copy of it. You may have it corrected or erased. You may ask us to stop using it. You may take it with you to another service.',
          'Sie dürfen Ihre Daten sehen und eine Kopie bekommen. Sie dürfen sie berichtigen oder löschen lassen. Sie dürfen verlangen, dass wir sie nicht mehr verwenden. Sie dürfen sie zu einem anderen Dienst mitnehmen.',
        ),
        text(
          'You may object at any time to what we do on the ground of a legitimate interest. We then stop, unless we can show strong reasons.',
          'Sie dürfen jederzeit dem widersprechen, was wir wegen eines berechtigten Interesses tun. Wir hören dann auf, außer wir können starke Gründe zeigen.',
        ),
        text(
          `Write to ${facts.email}. We answer within one month. It costs nothing, and we never ask for a copy of your identity card.`,
          `Schreiben Sie an ${facts.email}. Wir antworten innerhalb eines Monats. Es kostet nichts, und wir verlangen nie eine Kopie Ihres Ausweises.`,
        ),
      ],
    },
    {
      id: 'consent',
      articles: ['13(2)(c)', '14(2)(d)'],
      title: text('Consent', 'Einwilligung'),
      paragraphs: [
        text(
          'The service works if you consent to nothing. If you have consented to something, you can withdraw it at any time with one action in your account. This does not change what was lawful before.',
          'Der Dienst funktioniert, wenn Sie in nichts einwilligen. Wenn Sie in etwas eingewilligt haben, können Sie jederzeit mit einer Handlung in Ihrem Konto widerrufen. Was vorher rechtmäßig war, bleibt es.',
        ),
      ],
    },
    {
      id: 'complaint',
      articles: ['13(2)(d)', '14(2)(e)'],
      title: text('Complaints', 'Beschwerden'),
      paragraphs: [
        text(
          `You may complain to any data protection authority. Ours is ${facts.supervisoryAuthority.name}, ${facts.supervisoryAuthority.website}.`,
          `Sie dürfen sich bei jeder Datenschutzbehörde beschweren. Unsere ist ${facts.supervisoryAuthority.name}, ${facts.supervisoryAuthority.website}.`,
        ),
      ],
    },
    {
      id: 'duty',
      articles: ['13(2)(e)'],
      title: text('Must you give us data?', 'Müssen Sie uns Daten geben?'),
      paragraphs: [
        text(
          'No law says so. Without an email address and a second factor we cannot give you an account.',
          'Kein Gesetz verlangt es. Ohne E-Mail-Adresse und zweiten Faktor können wir Ihnen kein Konto geben.',
        ),
      ],
    },
    {
      id: 'automation',
      articles: ['13(2)(f)', '14(2)(g)'],
      title: text('Decisions by machines', 'Entscheidungen durch Maschinen'),
      paragraphs: [
        text(
          'No machine alone decides anything about you that has legal effect. The system may slow down an account that sends unusual mail. Only a human suspends it, and you may appeal. We make no profiles.',
          'Keine Maschine entscheidet allein etwas über Sie, das rechtliche Wirkung hat. Das System kann ein Konto bremsen, das ungewöhnliche E-Mails sendet. Nur ein Mensch sperrt es, und Sie dürfen widersprechen. Wir bilden keine Profile.',
        ),
      ],
    },
    {
      id: 'origin',
      articles: ['14(2)(f)'],
      title: text('Where the data comes from', 'Woher die Daten kommen'),
      paragraphs: [
        text(
          'Data of your account comes from you, or from a person of your organisation who invited you. Data in mail comes from its sender, and from mail servers that answer.',
          'Daten Ihres Kontos kommen von Ihnen oder von einer Person Ihrer Organisation, die Sie eingeladen hat. Daten in E-Mails kommen vom Absender und von Mailservern, die antworten.',
        ),
      ],
    },
    {
      id: 'purposes',
      articles: ['13(3)', '14(4)'],
      title: text('No other purpose', 'Kein anderer Zweck'),
      paragraphs: [
        text(
          'We use the data for nothing else. If that ever changes, we tell you before.',
          'Wir verwenden die Daten für nichts anderes. Sollte sich das je ändern, sagen wir es Ihnen vorher.',
        ),
      ],
    },
    {
      id: 'changes',
      articles: ['12(1)'],
      title: text('Changes of this notice', 'Änderungen dieser Erklärung'),
      paragraphs: [
        text(
          'If what we process changes, or who works for us, we announce it 30 days before. Each version has a number and a date, and old versions stay public.',
          'Wenn sich ändert, was wir verarbeiten oder wer für uns arbeitet, kündigen wir es 30 Tage vorher an. Jede Fassung hat eine Nummer und ein Datum, und alte Fassungen bleiben öffentlich.',
        ),
      ],
    },
  ];
}
