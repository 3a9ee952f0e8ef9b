import { MongoClient } from 'mongodb';

/** Runs a function with a connection and closes the connection. */
export async function withClient<T>(
  url: string,
  work: (client: MongoClient) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** True once a server answers. A refusal counts as an answer, because there may be no users or rights yet. */
export async function answers(port: number): Promise<boolean> {
  const url = `mongodb://127.0.0.1:${String(port)}/?directConnection=true`;
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 1_000 });
  try {
    await client.db('admin').command({ hello: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

export const adminUser = 'mysmtp';

/** Connection string of our administrator on a server of ours. */
export function adminUrl(port: number, password: string): string {
  return `mongodb://${adminUser}:${password}@127.0.0.1:${String(port)}/?directConnection=true&authSource=admin`;
}
