import type { StackDescription } from '@mysmtp/local-stack';
import { MongoClient } from 'mongodb';
import { databaseOf } from './databases.ts';

/** Reads the step of an erasure from the database: faster than the API, and privacy may be down. */
export interface LedgerView extends AsyncDisposable {
  stepOf(erasure: string): Promise<string | undefined>;
}

export async function viewLedger(description: StackDescription): Promise<LedgerView> {
  const client = new MongoClient(description.mongodb.url);
  const ledger = client
    .db(databaseOf(description, 'privacy'))
    .collection<{ _id: string; step: string }>('erasures');
  return {
    async stepOf(erasure) {
      return (await ledger.findOne({ _id: erasure }, { projection: { step: 1 } }))?.step;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
