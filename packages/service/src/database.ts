import { CodedError } from '@mysmtp/contracts';
import { retry } from '@mysmtp/retry';
import mongoose, { type Connection } from 'mongoose';
import type { ServiceContext } from './service-context.ts';
import type { Secret } from './settings.ts';

const delays = { first: 100, longest: 2_000 } as const;

/**
 * Opens the service's own database and waits until it answers. Writes are acknowledged by a majority and
 * journaled, so that they survive a crash of any one server.
 */
export async function openDatabase(
  context: ServiceContext<{ readonly mongodbUrl: Secret<string> }>,
): Promise<Connection> {
  const connection = mongoose.createConnection();
  context.manage(connection, (open) => open.close());
  context.readyWhen('mongodb', async () => {
    if (connection.readyState !== mongoose.ConnectionStates.connected) return false;
    await connection.db?.command({ ping: 1 }, { timeoutMS: 2_000 });
    return true;
  });
  const connect = () =>
    connection.openUri(context.config.mongodbUrl.reveal(), {
      appName: `mysmtp-${context.name}`,
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
      serverSelectionTimeoutMS: 5_000,
      // Timeout of one connection attempt, with its handshake. After it the attempt is repeated.
      connectTimeoutMS: 5_000,
      maxPoolSize: 20,
    });
  return retry(connect, {
    ...delays,
    signal: context.stopping,
    onRetry: (error) => context.log.warn('database.unreachable', { error }),
  });
}

/** The current time by the clock of the database's server. Milliseconds since the epoch. */
export async function databaseTime(connection: Connection): Promise<number> {
  const { localTime } = (await connection.db?.command({ hello: 1 }, { timeoutMS: 2_000 })) ?? {};
  if (!(localTime instanceof Date)) {
    throw new CodedError('database_time_missing', 'The database does not return its time');
  }
  return localTime.getTime();
}
