/**
 * Header canonicalization "relaxed" (RFC 6376 3.4.2) over octets held as latin1, so that every
 * octet stays what it is, in the order of the header section.
 */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** `name:value`, canonical, without a line end. */
  readonly canonical: string;
}

/** The fields of a header section that `wanted` names. */
export function canonicalFields(header: string, wanted: ReadonlySet<string>): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const raw of header.split(/\r\n(?![ \t])/)) {
    const colon = raw.indexOf(':');
    if (colon === -1) continue;
    const name = asciiLower(raw.slice(0, colon).trimEnd());
    if (!wanted.has(name)) continue;
    fields.push({ name, canonical: `${name}:${canonicalValue(raw.slice(colon + 1))}` });
  }
  return fields;
}

/** Unfolds, makes every run of white space one space, and drops what is at the ends. */
export function canonicalValue(value: string): string {
  return value
    .replaceAll('\r\n', '')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ | $/g, '');
}

/** Only A to Z: `toLowerCase` would change octets above 127. */
const asciiLower = (text: string): string =>
  text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
