import { MongoClient } from 'mongodb';

/** Does something with a connection and closes it again. */
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

/** True once a server answers. Before users exist or without rights it answers too: with a refusal. */
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
