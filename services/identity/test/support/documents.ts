import mongoose, { type mongo } from 'mongoose';

/** Reads a database as a person would who has only its connection string. */
export async function readDatabase<Result>(
  url: string,
  read: (db: mongo.Db) => Promise<Result>,
): Promise<Result> {
  const client = new mongoose.mongo.MongoClient(url);
  try {
    return await read(client.db());
  } finally {
    await client.close();
  }
}
