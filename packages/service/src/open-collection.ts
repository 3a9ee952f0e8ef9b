import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '@mysmtp/contracts';
import { mongo, type Connection } from 'mongoose';

/** A schema as the server takes it: JSON Schema in MongoDB's form. */
type Definition = Readonly<Record<string, unknown>>;

/** The user of the database has no right to `collMod` (docs/kubernetes.md). */
export class MissingRightError extends CodedError {
  constructor(cause: unknown) {
    super('database_right_missing', 'The user of the database has no right to collMod', { cause });
    this.name = 'MissingRightError';
  }
}

const unauthorized = 13;

/** What is needed of a mongoose model. */
interface StoredModel {
  readonly schema: { toJSONSchema(options: { useBsonType: true }): Definition };
  readonly collection: { readonly collectionName: string };
  readonly db: Connection;
  init(): Promise<unknown>;
}

/** Makes the collection of a model with its indexes, and has the server check every write to it. */
export async function openCollection(model: StoredModel): Promise<void> {
  await model.init();
  await enforceSchema(model);
}

/**
 * Has the server refuse (121, DocumentValidationFailure) every write that leaves a document other than the
 * model's schema says, or with a field that is not in it. mongoose itself checks only what it creates: no
 * update, and nothing that goes by the driver.
 *
 * In an upgrade two releases write at once, and a process of the older one may start after the newer one has
 * been here. So the server admits two definitions, the newest and the one before it. Who finds its own
 * among them changes nothing.
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

/** As it comes back from the server. */
const plain = (value: Definition): Definition => JSON.parse(JSON.stringify(value)) as Definition;

/** The same without any field that is not named, at every level. */
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
