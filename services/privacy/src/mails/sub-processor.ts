import { day } from '@mysmtp/contracts';
import { wordingOf, type CategoryId } from '../documents/categories.ts';
import type { OperatorFacts } from '../documents/operator.ts';
import type { Notified } from '../recipients/notified.ts';
import { joined, same, text, type Text } from '../documents/text.ts';
import { utc, written, type Written } from './texts.ts';

/** Something that was done to data of which the company may have copies. */
export interface DoneWork {
  /** Its number in our ledger. */
  readonly id: string;
  /** `customer`: everything of a whole customer was erased. */
  readonly about: Notified['about'] | 'customer';
  readonly at: Date;
}

/** What a company can do that has only copies, and cannot find a person in them. */
const tasks: Readonly<Record<DoneWork['about'], Text>> = {
  rectification: text(
    'Rectified (Art. 16 GDPR). Copies that you made before have the former value. Do not restore them unless we order it.',
    'Berichtigt (Art. 16 DSGVO). Kopien, die Sie davor gemacht haben, enthalten den früheren Wert. Stellen Sie daraus nichts wieder her, außer auf unsere Weisung.',
  ),
  erasure: text(
    'Erased (Art. 17 GDPR). Copies that you made before still have the data. Delete them at the stated time at the latest, and do not restore them unless we order it.',
    'Gelöscht (Art. 17 DSGVO). Kopien, die Sie davor gemacht haben, enthalten die Daten noch. Löschen Sie diese spätestens zur angegebenen Zeit, und stellen Sie daraus nichts wieder her, außer auf unsere Weisung.',
  ),
  customer: text(
    'All data of a customer erased (Art. 17 and 28(3)(g) GDPR). Copies that you made before still have the data. Delete them at the stated time at the latest, and do not restore them unless we order it.',
    'Alle Daten eines Kunden gelöscht (Art. 17 und 28 Abs. 3 lit. g DSGVO). Kopien, die Sie davor gemacht haben, enthalten die Daten noch. Löschen Sie diese spätestens zur angegebenen Zeit, und stellen Sie daraus nichts wieder her, außer auf unsere Weisung.',
  ),
  restriction: text(
    'Restricted (Art. 18 GDPR). The data is stored and not used. Use copies of it for nothing else than storage.',
    'Eingeschränkt (Art. 18 DSGVO). Die Daten werden gespeichert und nicht verwendet. Nutzen Sie Kopien davon für nichts außer zur Speicherung.',
  ),
  lifting: text(
    'A restriction was lifted (Art. 18 GDPR). The data may be used again.',
    'Eine Einschränkung wurde aufgehoben (Art. 18 DSGVO). Die Daten dürfen wieder verwendet werden.',
  ),
};

/** The countries whose companies get German. */
const german = ['AT', 'DE', 'LI'];

/**
 * Tells a sub-processor what was done with data of persons (GDPR Art. 19). It stores sealed data and keyed
 * values, in which it cannot find a person, so it gets numbers and times, and never an address.
 */
export function subProcessorMail(
  country: string,
  {
    facts,
    data,
    done,
  }: {
    readonly facts: Pick<OperatorFacts, 'backupRetentionDays' | 'name' | 'email'>;
    readonly data: readonly CategoryId[];
    readonly done: readonly DoneWork[];
  },
): Written {
  const copiesEnd = (at: Date): string =>
    utc(new Date(at.getTime() + facts.backupRetentionDays * day));
  const lists = (Object.keys(tasks) as DoneWork['about'][]).flatMap((about) => {
    const own = done.filter((one) => one.about === about);
    if (own.length === 0) return [];
    const lines = own.map(({ id, at }) =>
      text(
        `${id}  done ${utc(at)}, copies end ${copiesEnd(at)}`,
        `${id}  erledigt ${utc(at)}, Kopien enden ${copiesEnd(at)}`,
      ),
    );
    return [tasks[about], joined(lines, '\n')];
  });
  return written(
    german.includes(country) ? 'de' : 'en',
    text(
      'Notice about data of persons (GDPR Art. 19)',
      'Mitteilung zu Daten von Personen (DSGVO Art. 19)',
    ),
    [
      text(
        `You process data for ${facts.name}. We tell you what was done with data of persons that you may have copies of, such as snapshots and backups. Kinds of data:`,
        `Sie verarbeiten Daten für ${facts.name}. Wir teilen Ihnen mit, was mit Daten von Personen geschehen ist, von denen Sie Kopien haben können, zum Beispiel Snapshots und Sicherungen. Arten von Daten:`,
      ),
      joined(
        data.map((category) => wordingOf(category).title),
        '; ',
      ),
      ...lists,
      text(
        'Each number is that of an entry in our ledger. This mail names no person and no customer: the data that you store for us is encrypted or a keyed hash, and cannot be found by a name or an address.',
        'Jede Nummer ist die eines Eintrags in unserem Verzeichnis. Diese Nachricht nennt keine Person und keinen Kunden: Was Sie für uns speichern, ist verschlüsselt oder ein Hash mit Schlüssel und nicht über einen Namen oder eine Adresse zu finden.',
      ),
      text(
        'If you keep copies for longer, or have passed data on, write to us:',
        'Wenn Sie Kopien länger aufbewahren oder Daten weitergegeben haben, schreiben Sie uns:',
      ),
      same(facts.email),
    ],
  );
}
