import { z } from 'zod';

// Two releases run side by side during an upgrade (docs/decisions/contracts-evolve.md). The schema of a
// message defines exactly what may be written. Its reader accepts more: additions of a newer release.

type Schema = z.core.$ZodType;

/** The reader of a schema: derived from the schema, or given by `growing`. */
const readers = new WeakMap<Schema, Schema>();

/**
 * The schema for readers. It removes unknown fields at every level, so they are never passed on. Known
 * fields are checked as strictly as for the writer.
 */
export function reader<Of extends Schema>(schema: Of): Of {
  let found = readers.get(schema);
  if (found === undefined) readers.set(schema, (found = tolerant(schema)));
  return found as Of;
}

function tolerant(schema: Schema): Schema {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const changed = (change: object): Schema => z.clone(schema, { ...schema._zod.def, ...change });
  switch (def.type) {
    case 'object': {
      const fields = Object.entries(def.shape).map(([name, field]) => [name, reader(field)]);
      return changed({ shape: Object.fromEntries(fields), catchall: undefined });
    }
    case 'array':
      return changed({ element: reader(def.element) });
    case 'union':
      return changed({ options: def.options.map((option) => reader(option)) });
    case 'record':
      return changed({ valueType: reader(def.valueType) });
    case 'nullable':
    case 'optional':
      return changed({ innerType: reader(def.innerType) });
    default:
      return schema;
  }
}

/** A part that later releases may write in another form, with its meaning for a reader of this release. */
export function growing<Write extends z.ZodType, Read extends z.ZodType>(
  write: Write,
  read: Read,
): z.ZodType<z.output<Read>, z.input<Write>> {
  readers.set(write, read);
  return write as unknown as z.ZodType<z.output<Read>, z.input<Write>>;
}

/** One of these words. A reader replaces an unknown word by `unknown`. */
export function growingWord<const Words extends readonly string[]>(
  words: Words,
  unknown: Words[number],
): z.ZodType<Words[number], Words[number]> {
  const known: readonly string[] = words;
  const read = z
    .string()
    .transform((word): Words[number] => (known.includes(word) ? word : unknown));
  return growing(z.enum(words), read) as z.ZodType<Words[number], Words[number]>;
}

/** A list from which a reader removes unknown items. */
export function growingList<Item extends z.ZodType>(
  item: Item,
): z.ZodType<z.output<Item>[], z.input<Item>[]> {
  const known = reader(item);
  const read = z.array(z.unknown()).transform((all) =>
    all.flatMap((one) => {
      const result = known.safeParse(one);
      return result.success ? [result.data] : [];
    }),
  );
  return growing(z.array(item), read);
}

/**
 * All messages to other processes go through here. Throws if the message does not match its schema
 * exactly, which is a fault of this program.
 */
export function written<Of extends z.ZodType>(schema: Of, message: z.input<Of>): z.output<Of> {
  return schema.parse(message);
}

/** The same, as the content of a broker message. */
export const contentOf = <Of extends z.ZodType>(schema: Of, message: z.input<Of>): Buffer =>
  Buffer.from(JSON.stringify(written(schema, message)));

/** The JSON in these octets; `undefined` if they are not JSON. */
export function parseJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

/** The readable part of a received message; `undefined` if it is not of this kind. */
export const readContent = <Of extends z.ZodType>(
  schema: Of,
  content: Buffer,
): z.output<Of> | undefined => reader(schema).safeParse(parseJson(content)).data;
