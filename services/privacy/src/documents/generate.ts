import { createHash } from 'node:crypto';
import type { DocumentKind } from '@mysmtp/api';
import type { KeyDays, Registry } from '@mysmtp/contracts';
import { annexesOf, subProcessorsOf } from './annexes.ts';
import { noticeOf } from './notice.ts';
import type { OperatorFacts } from './operator.ts';
import type { Source } from './parts.ts';
import { processingOf } from './processing.ts';
import { recordsOf } from './records.ts';
import { text, type Section, type Text } from './text.ts';

const kinds: Readonly<
  Record<DocumentKind, { readonly title: Text; readonly sections: (source: Source) => Section[] }>
> = {
  notice: { title: text('Privacy notice', 'Datenschutzerklärung'), sections: noticeOf },
  records: {
    title: text('Records of processing activities', 'Verzeichnis von Verarbeitungstätigkeiten'),
    sections: recordsOf,
  },
  annexes: {
    title: text(
      'Annexes of the data processing agreement',
      'Anlagen zum Vertrag über die Auftragsverarbeitung',
    ),
    sections: annexesOf,
  },
  'sub-processors': {
    title: text('Sub-processors', 'Unterauftragnehmer'),
    sections: subProcessorsOf,
  },
};

export type Documents = Readonly<
  Record<DocumentKind, { readonly title: Text; readonly sections: readonly Section[] }>
>;

export interface Generated {
  readonly documents: Documents;
  /** SHA-256 of the documents. */
  readonly sha256: string;
  /**
   * SHA-256 of what is processed, why, how long, where and by whom. Only a change of it has to be announced
   * before it takes effect; another wording or another telephone number takes effect at once.
   */
  readonly processing: string;
}

/** All documents, in all languages. The same registry, facts and lives of keys give the same documents. */
export function generate(registry: Registry, facts: OperatorFacts, days: KeyDays): Generated {
  const source = { facts, processing: processingOf(registry, days) };
  const documents = Object.fromEntries(
    Object.entries(kinds).map(([kind, { title, sections }]) => [
      kind,
      { title, sections: sections(source) },
    ]),
  ) as unknown as Documents;
  const categories = source.processing.map(({ category, bases, limit }) => ({
    category,
    bases,
    limit,
  }));
  const { subProcessors, places, logRetentionDays, backupRetentionDays } = facts;
  return {
    documents,
    sha256: hashOf(documents),
    processing: hashOf({
      categories,
      // Another contact for notices is no other processing.
      subProcessors: subProcessors.map(({ notify: _notify, ...processor }) => processor),
      places,
      logRetentionDays,
      backupRetentionDays,
    }),
  };
}

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');
