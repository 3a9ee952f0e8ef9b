export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

/** A text in each language. */
export type Text = Readonly<Record<Language, string>>;

export const text = (en: string, de: string): Text => ({ en, de });

/** The same text in each language: a name or an address. */
export const same = (value: string): Text => ({ en: value, de: value });

export const joined = (parts: readonly Text[], between = ' '): Text => ({
  en: parts.map(({ en }) => en).join(between),
  de: parts.map(({ de }) => de).join(between),
});

export interface Table {
  readonly head: readonly Text[];
  readonly rows: readonly (readonly Text[])[];
}

/** A part of a document. `articles`: what it states, such as `13(1)(a)` (GDPR). */
export interface Section {
  readonly id: string;
  readonly articles: readonly string[];
  readonly title: Text;
  readonly paragraphs: readonly Text[];
  readonly table?: Table;
}

/** `7 days`; `limit` in milliseconds, with the hour that the job may take. */
export function period(limit: number): Text {
  const hour = 3_600_000;
  const hours = limit / hour;
  const [count, en, de] =
    hours < 48
      ? [Math.max(1, Math.floor(hours - 1)), 'hour', 'Stunde']
      : hours < 24 * 730
        ? [Math.floor(hours / 24), 'day', 'Tag']
        : [Math.floor(hours / 24 / 365), 'year', 'Jahr'];
  const [endEn, endDe] = count === 1 ? ['', ''] : ['s', de === 'Stunde' ? 'n' : 'e'];
  return text(`${String(count)} ${en}${endEn}`, `${String(count)} ${de}${endDe}`);
}
