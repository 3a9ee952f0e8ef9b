import { CodedError } from '@mysmtp/contracts';
import { retry } from '@mysmtp/retry';
import mongoose, { type Connection } from 'mongoose';
import type { House } from './house.ts';
import type { Secret } from './settings.ts';

const delays = { first: 100, longest: 2_000 } as const;

/**
 * Opens the service's own database and waits until it answers. Writes are acknowledged by a
 * majority and journaled: what is acknowledged survives a crash of any one server.
 */
export async function openDatabase(
  house: House<{ readonly mongodbUrl: Secret<string> }>,
): Promise<Connection> {
  const connection = mongoose.createConnection();
  house.own(connection, (open) => open.close());
  house.readyWhen('mongodb', async () => {
    if (connection.readyState !== mongoose.ConnectionStates.connected) return false;
    await connection.db?.command({ ping: 1 }, { timeoutMS: 2_000 });
    return true;
  });
  const connect = () =>
    connection.openUri(house.config.mongodbUrl.reveal(), {
      appName: `mysmtp-${house.name}`,
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
      serverSelectionTimeoutMS: 5_000,
      // Of one connection, its handshake included: a server that says nothing is asked again.
      connectTimeoutMS: 5_000,
      maxPoolSize: 20,
    });
  return retry(connect, {
    ...delays,
    signal: house.stopping,
    onRetry: (error) => house.log.warn('database.unreachable', { error }),
  });
}

/** What time it is by the clock of the database's server. Milliseconds since the epoch. */
export async function databaseTime(connection: Connection): Promise<number> {
  const { localTime } = (await connection.db?.command({ hello: 1 }, { timeoutMS: 2_000 })) ?? {};
  if (!(localTime instanceof Date)) {
    throw new CodedError('database_without_time', 'The database does not say what time it is');
  }
  return localTime.getTime();
}
