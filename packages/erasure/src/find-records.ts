import {
  bySubject,
  CodedError,
  registry,
  type Collection,
  type ErasureRule,
  type Subject,
  type SubjectKind,
} from '@mysmtp/contracts';
import type { Connection, mongo } from 'mongoose';

/** A store for which the registry defines how a tenant is found. */
export type Searchable = Collection & { readonly subject: ErasureRule };

export const isSearchable = (held: Collection): held is Searchable => held.subject !== null;

/** The collections of a store: one, or one for each day. */
export async function collectionsOf(
  database: mongo.Db,
  { collection }: Searchable,
): Promise<mongo.Collection[]> {
  if (!collection.startsWith('/')) return [database.collection(collection)];
  const pattern = new RegExp(collection.slice(1, -1));
  const all = await database.listCollections({}, { nameOnly: true }).toArray();
  return all.filter(({ name }) => pattern.test(name)).map(({ name }) => database.collection(name));
}

/** One condition for each path. `{name}` in its value is replaced by the value of that name. */
export function conditionsOf(
  paths: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string | undefined>>,
): mongo.Document[] {
  return Object.entries(paths).map(([path, template]) => ({
    [path]: template.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ''),
  }));
}

/** The values of a subject for the paths of the registry, by name. */
export const valuesOf = (subject: Subject): Readonly<Record<string, string>> =>
  bySubject(subject, {
    tenant: ({ tenant }) => ({ tenant }),
    person: ({ tenant, person }) => ({ tenant, person }),
  });

/** The paths by which a store is searched for subjects of a kind; `null`: it has no data of them. */
export const pathsFor = (
  kind: SubjectKind,
  { subject: rule }: Searchable,
): Readonly<Record<string, string>> | null => rule[kind];

/** A condition for each path by which the store is searched for the subject. */
export const conditionsFor = (subject: Subject, held: Searchable): mongo.Document[] =>
  conditionsOf(pathsFor(subject.kind, held) ?? {}, valuesOf(subject));

/** How many records match, tombstones of this store not counted. */
export async function countRecords(
  collection: mongo.Collection,
  condition: mongo.Document,
  { subject: { remains } }: Searchable,
): Promise<number> {
  if (remains.length === 0) return collection.countDocuments(condition);
  let count = 0;
  for await (const document of collection.find(condition)) {
    const more = Object.entries(document).some(
      ([name, value]) => !remains.includes(name) && value !== null,
    );
    if (more) count += 1;
  }
  return count;
}

/** How many records of a subject are in a store of a service, by all paths of the registry together. */
export async function countInStore(
  connection: Connection,
  store: string,
  subject: Subject,
): Promise<number> {
  const held = registry.collections.filter(isSearchable).find(({ id }) => id === store);
  if (held === undefined)
    throw new CodedError('internal_fault', `The registry has no search paths for ${store}`);
  const [first, ...others] = conditionsFor(subject, held);
  if (first === undefined) return 0;
  const condition = others.length === 0 ? first : { $or: [first, ...others] };
  let count = 0;
  for (const collection of await collectionsOf(connection.getClient().db(), held)) {
    count += await countRecords(collection, condition, held);
  }
  return count;
}
