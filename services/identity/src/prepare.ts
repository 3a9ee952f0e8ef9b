import { openDeletionCounts } from '@mysmtp/erasure';
import { prepareDatabase } from '@mysmtp/service';
import { openCredentials } from './credentials/model.ts';
import { openDomainChecks } from './domains/check-model.ts';
import { openDomains } from './domains/model.ts';
import { openTenants } from './tenants/model.ts';
import { openTokens } from './tokens/model.ts';

await prepareDatabase('identity', (database, clock) =>
  Promise.all([
    openTenants(database),
    openDomains(database),
    openDomainChecks(database),
    openCredentials(database),
    openTokens(database),
    openDeletionCounts(database, clock),
  ]),
);
