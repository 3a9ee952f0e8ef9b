import { openDeletionCounts } from '@mysmtp/erasure';
import { prepareDatabase } from '@mysmtp/service';
import { openAccessCollections } from './accesses/model.ts';
import { openCredentials } from './credentials/model.ts';
import { openDomainChecks } from './domains/check-model.ts';
import { openDomains } from './domains/model.ts';
import { openNotices } from './notices/model.ts';
import { openPeople } from './people/model.ts';
import { openProviders } from './providers/model.ts';
import { openSuspensions } from './suspensions/model.ts';
import { openTenants } from './tenants/model.ts';
import { openTokens } from './tokens/model.ts';

await prepareDatabase('identity', (database, clock) =>
  Promise.all([
    openTenants(database),
    openDomains(database),
    openDomainChecks(database),
    openCredentials(database),
    openTokens(database),
    openAccessCollections(database),
    openNotices(database),
    openSuspensions(database),
    openPeople(database),
    openProviders(database),
    openDeletionCounts(database, clock),
  ]),
);
