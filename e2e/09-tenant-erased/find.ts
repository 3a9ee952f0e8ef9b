import { formsOf, type Form } from './forms.ts';

/** A text, and the form in which it was found. */
export interface Found {
  readonly text: string;
  readonly form: string;
}

interface Needle extends Form {
  readonly text: string;
}

/**
 * Finds these texts in octets, in every form. There are thousands of forms, so all are searched in one pass:
 * at each position only those with the same first octets are compared.
 */
export function createFinder(texts: readonly string[]): (octets: Buffer) => Found[] {
  const byStart = Map.groupBy(
    texts.flatMap((text) => formsOf(text).map((form): Needle => ({ text, ...form }))),
    ({ octets }) => octets.readUInt32LE(),
  );
  // Most positions are excluded by their first two octets.
  const starts = new Uint8Array(2 ** 16);
  for (const start of byStart.keys()) starts[start % 2 ** 16] = 1;

  const findIn = (octets: Buffer): Needle[] => {
    const found = new Set<Needle>();
    for (let at = 0; at + 4 <= octets.length; at += 1) {
      if (starts[octets.readUInt16LE(at)] === 0) continue;
      for (const needle of byStart.get(octets.readUInt32LE(at)) ?? []) {
        if (needle.octets.equals(octets.subarray(at, at + needle.octets.length))) found.add(needle);
      }
    }
    return [...found];
  };
  return (octets) => {
    const found = new Set([...findIn(octets), ...findIn(unfolded(octets))]);
    return [...found].map(({ text, name }) => ({ text, form: name }));
  };
}

/**
 * Base64 and quoted-printable are broken into lines at a fixed width, also within a text. So the search is
 * repeated without line ends (in a JSON string they are escaped) and the `=` before them.
 */
const unfolded = (octets: Buffer): Buffer =>
  Buffer.from(octets.toString('latin1').replaceAll(/=?(?:\r?\n|(?:\\r)?\\n)/g, ''), 'latin1');
