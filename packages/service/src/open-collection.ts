import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '@mysmtp/contracts';
import { mongo, type Connection } from 'mongoose';

/** A schema in MongoDB's form of JSON Schema. */
type Definition = Readonly<Record<string, unknown>>;

/** The user of the database has no right to `collMod` (docs/kubernetes.md). */
export class MissingRightError extends CodedError {
  constructor(cause: unknown) {
    super('database_right_missing', 'The user of the database has no right to collMod', { cause });
    this.name = 'MissingRightError';
  }
}

const unauthorized = 13;

/** The required part of a mongoose model. */
interface StoredModel {
  readonly schema: { toJSONSchema(options: { useBsonType: true }): Definition };
  readonly collection: { readonly collectionName: string };
  readonly db: Connection;
  init(): Promise<unknown>;
}

/** Creates the collection of a model with its indexes, and lets the server validate every write to it. */
export async function openCollection(model: StoredModel): Promise<void> {
  await model.init();
  await enforceSchema(model);
}

/**
 * Lets the server refuse (121, DocumentValidationFailure) every write that results in a document outside the
 * model's schema, or with an unknown field. mongoose itself validates only what it creates: no updates, and
 * no writes through the driver.
 *
 * During an upgrade two releases write at once, and a process of the older one may start after the newer one
 * has set its schema. So the server accepts two definitions, the newest and the one before it. A process that
 * finds its own definition among them changes nothing.
 */
export async function enforceSchema({ schema, collection, db }: StoredModel): Promise<void> {
  if (db.db === undefined) throw new CodedError('internal_fault', 'The database was never opened');
  const name = collection.collectionName;
  const definition = closed(plain(schema.toJSONSchema({ useBsonType: true })));
  const [found] = await db.db.listCollections({ name }).toArray();
  const admitted = admittedBy(found);
  if (admitted.some((other) => isDeepStrictEqual(other, definition))) return;
  const validator = { $jsonSchema: { anyOf: [definition, ...admitted.slice(0, 1)] } };
  const strict = { validationLevel: 'strict', validationAction: 'error' };
  try {
    await db.db.command({ collMod: name, validator, ...strict });
  } catch (error) {
    const mayNot = error instanceof mongo.MongoServerError && error.code === unauthorized;
    throw mayNot ? new MissingRightError(error) : error;
  }
}

function admittedBy(found: unknown): readonly Definition[] {
  const { options } = (found ?? {}) as {
    readonly options?: {
      readonly validator?: { readonly $jsonSchema?: { readonly anyOf?: readonly Definition[] } };
    };
  };
  return options?.validator?.$jsonSchema?.anyOf ?? [];
}

/** In the form in which the server returns it. */
const plain = (value: Definition): Definition => JSON.parse(JSON.stringify(value)) as Definition;

/** The same without unknown fields, at every level. */
function closed(part: Definition): Definition {
  const { properties, items } = part as { properties?: Definition; items?: Definition };
  return {
    ...part,
    ...(items !== undefined && { items: closed(items) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, field]) => [name, closed(field as Definition)]),
      ),
      additionalProperties: false,
    }),
  };
}
