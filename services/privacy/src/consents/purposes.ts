import { createHash } from 'node:crypto';
import type { ConsentPurpose } from '@mysmtp/api';

/**
 * Everything that mySMTP may do only with consent, and the text that a person sees. Nothing does any of it
 * today. A program that does must ask the ledger each time, so that a withdrawal is in force at once.
 */
const texts: Readonly<Record<ConsentPurpose, Readonly<Record<'en' | 'de', string>>>> = {
  'product-news': {
    en: 'You may send me mail about news of the service, at most once a month. I can withdraw this at any time in my account, with one action. Nothing else depends on it.',
    de: 'Sie dürfen mir E-Mails über Neuigkeiten des Dienstes schicken, höchstens einmal im Monat. Ich kann das jederzeit in meinem Konto mit einer Handlung widerrufen. Nichts anderes hängt davon ab.',
  },
};

export interface ShownText {
  readonly language: 'en' | 'de';
  readonly text: string;
  readonly sha256: string;
}

export const textsOf = (purpose: ConsentPurpose): ShownText[] =>
  (['en', 'de'] as const).map((language) => {
    const text = texts[purpose][language];
    return { language, text, sha256: createHash('sha256').update(text).digest('hex') };
  });
