import { internalApis } from '@mysmtp/contracts';
import { accountsApi } from './accounts.ts';
import { providerApi } from './accounts/provider.ts';
import type { ApiDefinition } from './definition.ts';
import { accessesApi } from './identity/accesses.ts';
import { credentialsApi } from './identity/credentials.ts';
import { domainsApi } from './identity/domains.ts';
import { suspensionsApi } from './identity/suspensions.ts';
import { tenantsApi } from './identity/tenants.ts';
import { tokensApi } from './identity/tokens.ts';
import { internalRoute } from './internal.ts';
import { showKeys } from './published-keys.ts';

export const identityApi = {
  showKeys,
  ...tenantsApi,
  ...domainsApi,
  ...credentialsApi,
  ...tokensApi,
  reportDkimKey: internalRoute(internalApis.reportDkimKey, 'The keys that sign for a domain'),
  ...suspensionsApi,
  ...accessesApi,
  ...accountsApi,
  ...providerApi,
  snapshot: internalRoute(internalApis.snapshot, 'All entities, page by page'),
  noticeFinding: internalRoute(internalApis.noticeFinding, 'Tells the owners what was found'),
  noticeRequest: internalRoute(
    internalApis.noticeRequest,
    'Tells the owners that a person has requested a right',
  ),
  noticeWaitingRequest: internalRoute(
    internalApis.noticeWaitingRequest,
    'Tells a person that a request made in a session of the account waits',
  ),
  findAccount: internalRoute(
    internalApis.findAccount,
    'The address of an account, and when the account was last changed',
  ),
  correctAccount: internalRoute(
    internalApis.correctAccount,
    'Corrects the name or the address of an account',
  ),
  closeAccount: internalRoute(internalApis.closeAccount, 'Deletes the account of a person'),
  reportUse: internalRoute(internalApis.reportUse, 'When keys and credentials were last used'),
  reportQuota: internalRoute(internalApis.reportQuota, 'Sends the owners a mail about a limit'),
  principalOf: internalRoute(
    internalApis.principalOf,
    'The principal of a session, or of an API key that is limited to networks',
  ),
} as const satisfies ApiDefinition;
