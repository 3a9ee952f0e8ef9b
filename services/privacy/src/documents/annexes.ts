import { wordingOf } from './categories.ts';
import {
  contactOf,
  measures,
  processingTable,
  subProcessorTable,
  transfers,
  type Source,
} from './parts.ts';
import { text, type Section } from './text.ts';

/** The annexes of the data processing agreement with a customer (GDPR Art. 28(3)). */
export function annexesOf(source: Source): Section[] {
  const { facts, processing } = source;
  const officer = facts.dataProtectionOfficer;
  return [
    {
      id: 'subject',
      articles: ['28(3) subject-matter', '28(3) duration', '28(3) nature and purpose'],
      title: text('1. What we do for you', '1. Was wir für Sie tun'),
      paragraphs: [
        text(
          `The processor is ${contactOf(facts).en}. It accepts your mail, delivers it to the mail servers of the recipients, and keeps a log of it for you. It does so as long as your account exists.`,
          `Der Auftragsverarbeiter ist ${contactOf(facts).de}. Er nimmt Ihre E-Mails an, stellt sie den Mailservern der Empfänger zu und führt für Sie ein Protokoll darüber. Er tut das, solange Ihr Konto besteht.`,
        ),
      ],
    },
    {
      id: 'data',
      articles: ['28(3) type of data', '28(3) categories of data subjects'],
      title: text('2. Data and persons', '2. Daten und Personen'),
      paragraphs: [
        text(
          'Persons concerned: those who send mail through you, and those to whom you send.',
          'Betroffene Personen: alle, die über Sie E-Mails senden, und alle, denen Sie senden.',
        ),
      ],
      table: processingTable(
        processing.filter(({ category }) => wordingOf(category).people === 'mail'),
      ),
    },
    {
      id: 'instructions',
      articles: ['28(3)(a)', '28(3)(b)'],
      title: text('3. Instructions and secrecy', '3. Weisungen und Vertraulichkeit'),
      paragraphs: [
        text(
          'We process the data only as you instruct us: by each mail that you submit, and by your settings. If we think that an instruction is unlawful, we tell you at once.',
          'Wir verarbeiten die Daten nur nach Ihrer Weisung: durch jede E-Mail, die Sie einreichen, und durch Ihre Einstellungen. Wenn wir eine Weisung für rechtswidrig halten, sagen wir es Ihnen sofort.',
        ),
        text(
          'Everyone who works for us has promised secrecy.',
          'Alle, die für uns arbeiten, sind zur Vertraulichkeit verpflichtet.',
        ),
      ],
    },
    measures(['28(3)(c)', '32'], source),
    {
      id: 'sub-processors',
      articles: ['28(3)(d)', '28(2)', '28(4)'],
      title: text('5. Sub-processors', '5. Unterauftragnehmer'),
      paragraphs: [
        text(
          'You agree to the companies below. We announce a new one 30 days before, and you may object in this time. Each has the same duties as we have.',
          'Sie stimmen den Firmen unten zu. Wir kündigen eine neue 30 Tage vorher an, und Sie dürfen in dieser Zeit widersprechen. Jede hat dieselben Pflichten wie wir.',
        ),
      ],
      table: subProcessorTable(facts),
    },
    transfers(source, ['28(3)(a) transfers']),
    {
      id: 'help',
      articles: ['28(3)(e)', '28(3)(f)'],
      title: text('7. How we help you', '7. Wie wir Ihnen helfen'),
      paragraphs: [
        text(
          'If a person asks us for data that is yours, you get a mail. As you have instructed us, we carry the request out at once, or wait for your decision first. If you decide nothing in the days that you have set, we carry it out. If we become aware of a breach of your data, we tell you within 24 hours, with all that Art. 33(3) requires. We give you what you need for your own assessments.',
          'Wenn uns eine Person nach Daten fragt, die Ihre sind, bekommen Sie eine E-Mail. Je nach Ihrer Weisung führen wir die Anfrage sofort aus oder warten zuerst auf Ihre Entscheidung. Wenn Sie in den Tagen, die Sie festgelegt haben, nichts entscheiden, führen wir sie aus. Wenn uns eine Verletzung Ihrer Daten bekannt wird, sagen wir es Ihnen innerhalb von 24 Stunden, mit allem, was Art. 33 Abs. 3 verlangt. Wir geben Ihnen, was Sie für Ihre eigenen Folgenabschätzungen brauchen.',
        ),
        text(
          `Contact: ${officer === null ? facts.email : contactOf(officer).en}.`,
          `Kontakt: ${officer === null ? facts.email : contactOf(officer).de}.`,
        ),
      ],
    },
    {
      id: 'end',
      articles: ['28(3)(g)'],
      title: text('8. The end', '8. Das Ende'),
      paragraphs: [
        text(
          `When the contract ends, we erase your data, destroy its keys, and give you a signed certificate. Encrypted copies in backups are gone after at most ${String(facts.backupRetentionDays)} days.`,
          `Wenn der Vertrag endet, löschen wir Ihre Daten, vernichten die Schlüssel und geben Ihnen eine signierte Bescheinigung. Verschlüsselte Kopien in Sicherungen sind nach höchstens ${String(facts.backupRetentionDays)} Tagen weg.`,
        ),
      ],
    },
    {
      id: 'audits',
      articles: ['28(3)(h)'],
      title: text('9. Audits', '9. Kontrollen'),
      paragraphs: [
        text(
          'You may check us. The registry of personal data, the list of each access of our staff, the certificates and the source code are open to you. You or an auditor may inspect the rest after an appointment.',
          'Sie dürfen uns kontrollieren. Das Verzeichnis der Daten, die Liste jedes Zugriffs unserer Mitarbeiter, die Bescheinigungen und der Quelltext stehen Ihnen offen. Sie oder ein Prüfer dürfen den Rest nach Absprache ansehen.',
        ),
      ],
    },
  ];
}

/** The list of sub-processors (GDPR Art. 28(2)). */
export function subProcessorsOf({ facts }: Source): Section[] {
  return [
    {
      id: 'list',
      articles: ['28(2)'],
      title: text('Who works for us', 'Wer für uns arbeitet'),
      paragraphs: [
        facts.subProcessors.length === 0
          ? text('We have no sub-processors.', 'Wir haben keine Unterauftragnehmer.')
          : text(
              'Each of them has the same duties as we have, by contract.',
              'Jede dieser Firmen hat vertraglich dieselben Pflichten wie wir.',
            ),
      ],
      ...(facts.subProcessors.length === 0 ? {} : { table: subProcessorTable(facts) }),
    },
    {
      id: 'changes',
      articles: ['28(2)'],
      title: text('Changes', 'Änderungen'),
      paragraphs: [
        text(
          `We announce a new company 30 days before it gets any data. If you are a customer, you may object in this time. Write to ${facts.email}.`,
          `Wir kündigen eine neue Firma 30 Tage an, bevor sie Daten bekommt. Wenn Sie Kunde sind, dürfen Sie in dieser Zeit widersprechen. Schreiben Sie an ${facts.email}.`,
        ),
      ],
    },
  ];
}
