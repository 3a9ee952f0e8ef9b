import { openTally } from '@mysmtp/erasure';
import { openProjectionCollection } from '@mysmtp/projection';
import { prepareDatabase } from '@mysmtp/service';
import { openSpoolCollections } from './spool/collections.ts';

await prepareDatabase('ingress', (database, clock) =>
  Promise.all([
    openSpoolCollections(database),
    openTally(database, clock),
    openProjectionCollection(database, 'identity'),
  ]),
);
