import { fieldValue, valueStart, type HeaderField } from './header.ts';

/** Lists of addresses: two fields are equivalent to one with all addresses. */
const lists: ReadonlySet<string> = new Set(['to', 'cc', 'reply-to']);
/** Other fields that may occur once at most (RFC 5322 3.6). `From` has a rule of its own. */
const singles: ReadonlySet<string> = new Set(
  'date sender message-id in-reply-to references subject'.split(' '),
);

interface Seen {
  /** Its position in the result. */
  readonly at: number;
  readonly values: Set<string>;
  /** The values to be added to it. */
  readonly more: string[];
}

/**
 * The fields without repetitions of those that may occur once: equal and empty ones are removed, lists of
 * addresses are joined. `undefined` if two contradict each other, because receivers would show either one, or
 * refuse the message.
 */
export function withoutRepeats(fields: readonly HeaderField[]): readonly HeaderField[] | undefined {
  const names = new Set<string>();
  const isRepeated = ({ name }: HeaderField): boolean =>
    (singles.has(name) || lists.has(name)) && names.size === names.add(name).size;
  // Very few messages have one.
  return fields.some(isRepeated) ? merged(fields) : fields;
}

function merged(fields: readonly HeaderField[]): readonly HeaderField[] | undefined {
  const kept: HeaderField[] = [];
  const seen = new Map<string, Seen>();
  for (const field of fields) {
    const { name } = field;
    const first = seen.get(name);
    if (first === undefined) {
      if (lists.has(name) || singles.has(name)) {
        seen.set(name, { at: kept.length, values: new Set(), more: [] });
      }
      kept.push(field);
      continue;
    }
    const { at, values, more } = first;
    if (values.size === 0) values.add(fieldValue(kept[at] ?? field));
    const value = fieldValue(field);
    if (value === '' || values.has(value)) continue;
    if (values.has('')) kept[at] = field;
    else if (lists.has(name)) more.push(field.raw.slice(valueStart(field)).trim());
    else return undefined;
    values.delete('');
    values.add(value);
  }
  for (const { at, more } of seen.values()) {
    const field = kept[at];
    if (field === undefined || more.length === 0) continue;
    kept[at] = { name: field.name, raw: `${[field.raw.trimEnd(), ...more].join(',\r\n ')}\r\n` };
  }
  return kept;
}
