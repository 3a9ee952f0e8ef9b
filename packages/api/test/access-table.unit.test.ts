import { operatorRoles, serviceNames, type Role } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { apis, permissionsOf, ruleOf, type RouteDefinition } from '../src/index.ts';

const routes = serviceNames.flatMap((service) =>
  Object.entries<RouteDefinition>(apis[service]).map(([name, route]) => ({ name, route })),
);

/** What a route shows of a tenant to an operator. */
function shownBy({ access }: RouteDefinition): string | undefined {
  if (!('permission' in access) || access.ofTenant === true) return undefined;
  const { roles, breakGlass } = ruleOf(access.permission);
  const isForOperators = roles.some((role) => (operatorRoles as readonly Role[]).includes(role));
  if (!isForOperators) return undefined;
  return breakGlass === true ? 'break-glass' : access.permission;
}

test('every route that an operator may call, and what it shows of a tenant', () => {
  const shown = routes.flatMap(({ name, route }): [string, string][] => {
    const what = shownBy(route);
    return what === undefined ? [] : [[name, what]];
  });
  // A new route is looked at before it gets a line here: does its reply contain data of a tenant?
  expect(Object.fromEntries(shown)).toEqual({
    // Data of a tenant: only with an open access, and the tenant sees it.
    readTenant: 'break-glass',
    listDomains: 'break-glass',
    changeDomain: 'break-glass',
    readDomainRecords: 'break-glass',
    checkDomain: 'break-glass',
    vouchForDomain: 'break-glass',
    endVouch: 'break-glass',
    deleteDomain: 'break-glass',
    listCredentials: 'break-glass',
    listTokens: 'break-glass',
    listSuspensions: 'break-glass',
    // What the operator has just sent, with new ids and new secrets.
    createTenant: 'tenants:create',
    changeTenant: 'tenants:write',
    createSuspension: 'suspensions:write',
    createDomain: 'domains:create',
    createCredential: 'credentials:write',
    createToken: 'tokens:write',
    rotateToken: 'tokens:write',
    openAccess: 'accesses:write',
    // Nothing.
    answerSuspension: 'suspensions:write',
    deleteCredential: 'credentials:write',
    deleteToken: 'tokens:write',
    closeAccess: 'accesses:write',
    settleHeld: 'held:settle',
    settleDeadLetter: 'dead-letters:settle',
    rotateEpoch: 'keyring:rotate',
    // Ids, counts, states and times.
    listFindings: 'findings:read',
    listHeld: 'held:read',
    showMessageState: 'messages:state',
    listDeadLetters: 'dead-letters:read',
    showKeyring: 'keyring:read',
    listErasures: 'erasures:read',
    showErasure: 'erasures:read',
    // Hashes, times and types: the content of a tenant's entries is hidden.
    listAuditEntries: 'audit:read',
    listAuditHeads: 'audit-heads:read',
    // What operators wrote about a breach, ids of tenants, and counts.
    listBreaches: 'breaches:read',
    showBreach: 'breaches:read',
    recordBreach: 'breaches:write',
    decideBreach: 'breaches:write',
    draftBreachNotice: 'breaches:read',
    // Kinds, states, times and reasons, but no address.
    listRequests: 'requests:read',
    showRequest: 'requests:read',
    decideRequest: 'requests:decide',
    // What the operator has just sent, or a nonce of the own request.
    createRequests: 'requests:write',
    cancelRequest: 'requests:write',
    enterRequest: 'requests:enter',
    // The ground that an operator wrote, the id of the tenant and the store.
    createHold: 'holds:write',
    listHolds: 'holds:read',
    releaseHold: 'holds:write',
    // Nothing of a single tenant.
    showRecords: 'records:read',
    // A nonce, by which a certificate is recognised.
    requestErasure: 'erasures:request',
    // The operator's own account, and the people of the operators' realm.
    readAccount: 'account:read',
    downloadExport: 'exports:read',
    listConsents: 'consents:read',
    giveConsent: 'consents:write',
    withdrawConsent: 'consents:write',
    changeAccount: 'account:write',
    listSessions: 'account:read',
    approveLostFactor: 'people:write',
    beginPasskey: 'factors:enrol',
    beginStepUp: 'account:write',
    beginTotp: 'factors:enrol',
    changeAddress: 'account:secure',
    changePassword: 'account:secure',
    changePerson: 'people:write',
    endSession: 'account:write',
    endSessions: 'account:write',
    finishPasskey: 'factors:enrol',
    finishStepUp: 'account:write',
    finishTotp: 'factors:enrol',
    invite: 'people:write',
    leave: 'account:secure',
    listInvitations: 'people:read',
    listLostFactors: 'people:read',
    listPeople: 'people:read',
    refuseLostFactor: 'people:write',
    removePasskey: 'account:secure',
    removePerson: 'people:write',
    removeTotp: 'account:secure',
    renewRecoveryCodes: 'account:secure',
    withdrawInvitation: 'people:write',
    // A time: when the person may replace the factor.
    approveLostFactorOfTenant: 'lost-factors:approve',
  });
});

test('every permission is used by a route, or checked by a handler', () => {
  const used = new Set(
    routes.flatMap(({ route: { access } }) => ('permission' in access ? [access.permission] : [])),
  );
  const unused = [...permissionsOf('owner'), ...permissionsOf('operator')].filter(
    (one) => !used.has(one),
  );
  // Handlers of createCredential and createToken check these.
  expect([...new Set(unused)]).toEqual(['networks:create', 'operators:create']);
});
