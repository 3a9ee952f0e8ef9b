import type { ServiceName } from '@mysmtp/contracts';
import type { Connection } from 'mongoose';
import { systemClock, type Clock } from './clock.ts';
import { openCommandContext } from './service-context.ts';
import { commonSettings } from './common-settings.ts';
import { openDatabase } from './database.ts';
import { configOrExit, exitCodes } from './run.ts';

const { logLevel, mongodbUrl } = commonSettings;
const settings = { logLevel, mongodbUrl };

/**
 * Creates the indexes of a service's database and sets the validation of writes (`openCollection`), so that
 * they exist before a new version starts and the old one, which still runs, is not delayed. Idempotent. Exits
 * 0 if they exist.
 */
export async function prepareDatabase(
  service: ServiceName,
  openStores: (database: Connection, clock: Clock) => Promise<unknown>,
): Promise<void> {
  const config = configOrExit({ name: service, settings });
  await using resources = new AsyncDisposableStack();
  const context = openCommandContext(service, config, resources);
  try {
    await openStores(await openDatabase(context), systemClock);
    context.log.info('database.prepared');
  } catch (error) {
    context.log.error('database.not_prepared', { error });
    process.exitCode = exitCodes.failed;
  }
}
