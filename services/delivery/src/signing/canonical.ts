/**
 * Header canonicalization "relaxed" (RFC 6376 3.4.2) over octets as latin1, which keeps every
 * octet unchanged, in the order of the header section.
 */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** `name:value`, canonical, without a line end. */
  readonly canonical: string;
}

/** The fields of a header section whose names are in `wanted`. */
export function canonicalFields(header: string, wanted: ReadonlySet<string>): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const raw of header.split(/\r\n(?![ \t])/)) {
    const colon = raw.indexOf(':');
    if (colon === -1) continue;
    // The wanted names are ASCII, so a changed non-ASCII octet cannot match one of them.
    const name = raw.slice(0, colon).trimEnd().toLowerCase();
    if (!wanted.has(name)) continue;
    fields.push({ name, canonical: `${name}:${canonicalValue(raw.slice(colon + 1))}` });
  }
  return fields;
}

const notCanonical = /[\t\r]| {2}/;

/** Unfolds, reduces every run of white space to one space, and trims both ends. */
export function canonicalValue(value: string): string {
  const text = notCanonical.test(value)
    ? value.replaceAll('\r\n', '').replaceAll(/[ \t]+/g, ' ')
    : value;
  // Not trim(): octet A0 is white space to JavaScript.
  return text.slice(text.startsWith(' ') ? 1 : 0, text.endsWith(' ') ? -1 : undefined);
}
