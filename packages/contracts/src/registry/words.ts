import type { Word } from './shape.ts';

/** The content of a key or a label. */
export type Meaning = string | { readonly rare: string };

/** A word that does not appear in everyday use. */
export const rare = (meaning: string): Meaning => ({ rare: meaning });

/** All of them exist on one ground. */
export function wordsOf(
  meanings: Readonly<Record<string, Meaning>>,
  ground: Pick<Word, 'basis' | 'balancingTest'>,
): Word[] {
  return Object.entries(meanings).map(([name, meaning]) =>
    typeof meaning === 'string'
      ? { name, holds: meaning, ...ground }
      : { name, holds: meaning.rare, rare: true, ...ground },
  );
}
