import { freshDatabase, type TestDatabase } from '@mysmtp/test-kit';
import mongoose, { Schema, type Connection, type mongo } from 'mongoose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { MissingRightError, openCollection } from '../src/index.ts';

interface Thing {
  _id: string;
  [field: string]: unknown;
}

const refused = { code: 121 };
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** A collection as opened by a process with this schema. */
async function open(fields: mongoose.SchemaDefinition, name = 'things', url = database.url) {
  const connection: Connection = await mongoose.createConnection(url).asPromise();
  try {
    const id = { _id: { type: String, required: true } };
    const schema = new Schema({ ...id, ...fields }, { versionKey: false });
    await openCollection(connection.model(name, schema, name));
  } finally {
    await connection.close();
  }
}

const fields = {
  kind: { type: String, required: true, enum: ['letter', 'parcel'] },
  weight: Number,
  sealed: Buffer,
  at: Date,
  metadata: { tenant: { type: String, required: true } },
  parts: [new Schema({ n: { type: Number, required: true }, name: String }, { _id: false })],
};

/** The collection of the driver, which has no schema. */
let connection: Connection;
const things = (name = 'things') =>
  connection.collection(name) as unknown as mongo.Collection<Thing>;
const good = {
  kind: 'letter',
  weight: 1.5,
  sealed: Buffer.from('x'),
  at: new Date(),
  metadata: { tenant: 't' },
  parts: [{ n: 1 }],
};

beforeAll(async () => {
  connection = await mongoose.createConnection(database.url).asPromise();
});
afterAll(() => connection.close());

beforeEach(async () => {
  await open(fields);
  await things().deleteMany({});
  await things().insertOne({ _id: 'there', ...good });
});

test.each<[string, () => Promise<unknown>]>([
  ['insertOne', () => things().insertOne({ _id: 'a', ...good, kind: 7 })],
  [
    'insertMany',
    () => things().insertMany([{ _id: 'a', ...good, kind: 'stone' }], { ordered: false }),
  ],
  ['updateOne', () => things().updateOne({ _id: 'there' }, { $set: { name: 'jane' } })],
  ['an upsert', () => things().updateOne({ _id: 'a' }, { $set: { weight: 1 } }, { upsert: true })],
  ['updateMany', () => things().updateMany({}, { $unset: { kind: '' } })],
  ['replaceOne', () => things().replaceOne({ _id: 'there' }, { ...good, sealed: 'in clear' })],
  [
    'a replacement in a pipeline',
    () => things().updateOne({ _id: 'there' }, [{ $replaceWith: { _id: '$_id', name: 'jane' } }]),
  ],
  [
    'findOneAndUpdate',
    () => things().findOneAndUpdate({ _id: 'there' }, { $set: { 'metadata.owner': 'jane' } }),
  ],
  [
    'bulkWrite',
    () =>
      things().bulkWrite(
        [
          {
            updateOne: {
              filter: { _id: 'there' },
              update: { $push: { parts: { name: 'x' } } as never },
            },
          },
        ],
        { ordered: false },
      ),
  ],
])('a write outside the schema is refused: %s', async (_way, write) => {
  await expect(write()).rejects.toMatchObject(refused);
  expect(await things().find().toArray()).toMatchObject([{ _id: 'there', kind: 'letter' }]);
});

test('a write within the schema succeeds, by any method', async () => {
  await things().insertMany([
    { _id: 'a', ...good },
    { _id: 'b', ...good, weight: null },
  ]);
  await things().updateOne({ _id: 'a' }, { $set: { weight: 2, kind: 'parcel' } });
  await things().updateOne({ _id: 'b' }, [{ $set: { weight: { $add: [1, 2] } } }]);
  await things().replaceOne({ _id: 'there' }, { kind: 'letter', metadata: { tenant: 't' } });
  expect(await things().countDocuments()).toBe(3);
});

test('two releases write at once, in any order of start; with the third the first is refused', async () => {
  const of = (more: object) => ({ _id: crypto.randomUUID(), kind: 'letter', ...more });
  const put = (more: object) => things('releases').insertOne(of(more));
  const kind = { type: String, required: true };
  const releases = [{ kind }, { kind, second: kind }, { kind, third: kind }] as const;
  await open(releases[0], 'releases');
  await expect(put({ second: 'x' })).rejects.toMatchObject(refused);
  await open(releases[1], 'releases');
  // A process of the older release starts again, and one of the newer.
  await open(releases[0], 'releases');
  await open(releases[1], 'releases');
  await put({});
  await put({ second: 'x' });
  await expect(put({ third: 'x' })).rejects.toMatchObject(refused);
  await open(releases[2], 'releases');
  await put({ second: 'x' });
  await put({ third: 'x' });
  await expect(put({})).rejects.toMatchObject(refused);
});

test('a process that finds its own definition changes nothing', async () => {
  const options = async () => (await things().options()) as unknown;
  const before = await options();
  await open(fields);
  expect(await options()).toEqual(before);
  expect(before).toMatchObject({ validationLevel: 'strict', validationAction: 'error' });
});

test('a user with only read and write rights gets an error that names the missing right', async () => {
  const url = new URL(database.url);
  const name = url.pathname.slice(1);
  const roles = [{ role: 'readWrite', db: name }];
  await connection.db?.command({ createUser: name, pwd: 'password', roles });
  url.username = name;
  url.password = 'password';
  url.searchParams.set('authSource', name);
  try {
    await expect(open(fields, 'others', url.href)).rejects.toThrow(MissingRightError);
  } finally {
    await connection.db?.command({ dropUser: name });
  }
});
