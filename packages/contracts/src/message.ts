import { z } from 'zod';

// Two releases run side by side in an upgrade (docs/decisions/contracts-evolve.md). The schema of a
// message says exactly what may be written. Its reader takes more: what a newer release may have added.

type Schema = z.core.$ZodType;

/** How a reader takes what a schema describes: made from the schema, or given by `growing`. */
const readers = new WeakMap<Schema, Schema>();

/**
 * The schema for whoever reads. It leaves out the fields that it does not know, at every level, and so
 * never passes on what this release knows nothing about. Known fields are as strict as for the writer.
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

/** Something that later releases may write otherwise, with what a reader of this release makes of it. */
export function growing<Write extends z.ZodType, Read extends z.ZodType>(
  write: Write,
  read: Read,
): z.ZodType<z.output<Read>, z.input<Write>> {
  readers.set(write, read);
  return write as unknown as z.ZodType<z.output<Read>, z.input<Write>>;
}

/** One of these words. A reader takes a word that it does not know for `unknown`. */
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

/** A list from which a reader leaves out what it does not know. */
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
 * What leaves a process for another one goes through here. Throws if it is not exactly what its schema
 * says, which is a fault of ours.
 */
export function written<Of extends z.ZodType>(schema: Of, message: z.input<Of>): z.output<Of> {
  return schema.parse(message);
}

/** The same as the content of a message. */
export const contentOf = <Of extends z.ZodType>(schema: Of, message: z.input<Of>): Buffer =>
  Buffer.from(JSON.stringify(written(schema, message)));

/** The JSON in these octets; `undefined` if they are none. */
export function parseJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

/** What a reader knows of a message that it got; `undefined` if it is none of this kind. */
export const readContent = <Of extends z.ZodType>(
  schema: Of,
  content: Buffer,
): z.output<Of> | undefined => reader(schema).safeParse(parseJson(content)).data;
