import { openDeletionCounts } from '@mysmtp/erasure';
import { openProjectionCollection } from '@mysmtp/projection';
import { prepareDatabase } from '@mysmtp/service';
import { openUsageCollection } from './quotas/usage-store.ts';
import { openRecipientCollection } from './recipients/recipient-store.ts';
import { openSpoolCollections } from './spool/collections.ts';

await prepareDatabase('ingress', (database, clock) =>
  Promise.all([
    openSpoolCollections(database),
    openUsageCollection(database),
    openRecipientCollection(database),
    openDeletionCounts(database, clock),
    openProjectionCollection(database, 'identityProjection'),
  ]),
);
