import { openTally } from '@mysmtp/erasure';
import { prepareDatabase } from '@mysmtp/service';
import { openModels } from './models.ts';

await prepareDatabase('delivery', (database, clock) =>
  Promise.all([openModels(database), openTally(database, clock)]),
);
