import { openDeletionCounts } from '@mysmtp/erasure';
import { openProjectionCollection } from '@mysmtp/projection';
import { prepareDatabase } from '@mysmtp/service';
import { openModels } from './models.ts';

await prepareDatabase('delivery', (database, clock) =>
  Promise.all([
    openModels(database),
    openDeletionCounts(database, clock),
    openProjectionCollection(database, 'identityProjection'),
  ]),
);
