import { identityApi } from '@mysmtp/api';
import type { PublishedKeySet } from '@mysmtp/contracts';
import { serve, type Route } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { closeAccess, openAccess, readAccessLog } from './accesses.ts';
import { withBreakGlass } from './break-glass.ts';
import { accountRoutes } from './accounts.ts';
import { changeCredential } from './change-credential.ts';
import { changeDomain } from './change-domain.ts';
import { changeTenant } from './change-tenant.ts';
import { createCredential } from './create-credential.ts';
import { createDomain } from './create-domain.ts';
import { createTenant } from './create-tenant.ts';
import { createToken } from './create-token.ts';
import { deleteCredential } from './delete-credential.ts';
import { deleteDomain } from './delete-domain.ts';
import { deleteToken } from './delete-token.ts';
import { checkDomain, readDomainRecords } from './domain-records.ts';
import { withProblems } from './failures.ts';
import { listCredentials } from './list-credentials.ts';
import { listDomains } from './list-domains.ts';
import { listTokens } from './list-tokens.ts';
import { noticeFinding } from './notice-finding.ts';
import { personRequestRoutes } from './person-requests.ts';
import { principalOf } from './principal-of.ts';
import { readTenant } from './read-tenant.ts';
import { reportDkimKey } from './report-dkim-key.ts';
import { rotateToken } from './rotate-token.ts';
import { rotateCredential } from './rotate-credential.ts';
import { snapshot } from './snapshot.ts';
import { providerRoutes } from './sign-in-provider.ts';
import { endVouch, vouchForDomain } from './vouch-for-domain.ts';
import { suspensionRoutes } from './suspensions.ts';

export function routes(stores: Stores, published: PublishedKeySet): Route[] {
  return serve(identityApi)({
    showKeys: async () => ({ status: 200, body: published }),
    createTenant: createTenant(stores),
    readTenant: readTenant(stores),
    changeTenant: changeTenant(stores),
    createDomain: createDomain(stores),
    vouchForDomain: vouchForDomain(stores),
    endVouch: endVouch(stores),
    listDomains: listDomains(stores),
    changeDomain: changeDomain(stores),
    readDomainRecords: readDomainRecords(stores),
    checkDomain: checkDomain(stores),
    reportDkimKey: reportDkimKey(stores),
    deleteDomain: deleteDomain(stores),
    createCredential: createCredential(stores),
    listCredentials: listCredentials(stores),
    changeCredential: changeCredential(stores),
    rotateCredential: rotateCredential(stores),
    deleteCredential: deleteCredential(stores),
    createToken: createToken(stores),
    listTokens: listTokens(stores),
    rotateToken: rotateToken(stores),
    deleteToken: deleteToken(stores),
    ...suspensionRoutes(stores),
    ...accountRoutes(stores),
    ...providerRoutes(stores),
    snapshot: snapshot(stores),
    openAccess: openAccess(stores),
    closeAccess: closeAccess(stores),
    readAccessLog: readAccessLog(stores),
    principalOf: principalOf(stores),
    noticeFinding: noticeFinding(stores),
    ...personRequestRoutes(stores),
    reportQuota: async ({ body }) => {
      await stores.noticeQuota(body);
      return { status: 200, body: {} };
    },
    reportUse: async ({ body: { uses } }) => {
      await stores.recordUses(uses);
      return { status: 200, body: {} };
    },
  })
    .map((route) => withBreakGlass(route, stores))
    .map(withProblems);
}
