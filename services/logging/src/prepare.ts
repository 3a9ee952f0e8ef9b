import { openAuditEntries } from './audit/store.ts';
import { openFindings } from './detection/findings.ts';
import { openDeletionCounts } from '@mysmtp/erasure';
import { openProjectionCollection } from '@mysmtp/projection';
import { prepareDatabase } from '@mysmtp/service';
import { openRetentions } from './retention/retentions.ts';
import { openRestrictionModel } from './restrictions/restrictions.ts';
import { openStatistics } from './statistics/store.ts';

// The collections of days get their indexes on their first day.
await prepareDatabase('logging', (database, clock) =>
  Promise.all([
    openAuditEntries(database),
    openFindings(database),
    openDeletionCounts(database, clock),
    openProjectionCollection(database, 'identityProjection'),
    openRetentions(database, { usual: 0, clock }),
    openStatistics(database),
    openRestrictionModel(database),
  ]),
);
