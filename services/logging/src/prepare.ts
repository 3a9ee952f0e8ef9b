import { openTally } from '@mysmtp/erasure';
import { openProjectionCollection } from '@mysmtp/projection';
import { prepareDatabase } from '@mysmtp/service';

// The collections of days get their indexes on their first day.
await prepareDatabase('logging', (database, clock) =>
  Promise.all([openTally(database, clock), openProjectionCollection(database, 'identity')]),
);
