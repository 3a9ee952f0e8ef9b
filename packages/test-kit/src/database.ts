import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { inject } from 'vitest';

export interface TestDatabase {
  /** Connection string of an empty database of its own, with every right. */
  readonly url: string;
  readonly name: string;
  close(): Promise<void>;
}

/** An empty database on the run's MongoDB; `close` drops it. */
export async function freshDatabase(): Promise<TestDatabase> {
  const url = new URL(inject('mongodbUrl'));
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    async close() {
      const client = new MongoClient(url.href);
      try {
        await client.db(name).dropDatabase();
      } finally {
        await client.close();
      }
    },
  };
}
