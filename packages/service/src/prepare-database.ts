import type { ServiceName } from '@mysmtp/contracts';
import type { Connection } from 'mongoose';
import { systemClock, type Clock } from './clock.ts';
import { commandHouse } from './command-house.ts';
import { commonSettings } from './common-settings.ts';
import { openDatabase } from './database.ts';
import { configOrExit, exitCodes } from './run.ts';

const { logLevel, mongodbUrl } = commonSettings;
const settings = { logLevel, mongodbUrl };

/**
 * Makes the indexes of a service's database and has its server check what is written (`openCollection`),
 * so that a new version finds that when it starts and the old one, which still runs, is not held up by it. May be repeated. Exits 0 when they are there.
 */
export async function prepareDatabase(
  service: ServiceName,
  openStores: (database: Connection, clock: Clock) => Promise<unknown>,
): Promise<void> {
  const config = configOrExit({ name: service, settings });
  await using resources = new AsyncDisposableStack();
  const house = commandHouse(service, config, resources);
  try {
    await openStores(await openDatabase(house), systemClock);
    house.log.info('database.prepared');
  } catch (error) {
    house.log.error('database.not_prepared', { error });
    process.exitCode = exitCodes.failed;
  }
}
