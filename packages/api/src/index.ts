export { accountsApi } from './accounts.ts';
export { providerApi } from './accounts/provider.ts';
export { apis } from './apis.ts';
export {
  isPublic,
  problemsOf,
  publicRoutes,
  type Access,
  type ApiDefinition,
  type ReplyKind,
  type RouteDefinition,
  type StreamKind,
} from './definition.ts';
export { deliveryApi } from './delivery.ts';
export { documentOf, type ApiDocument } from './document.ts';
export { titleOf } from './documents.ts';
export type { BreachDecision } from './governance/breaches.ts';
export { consentPurposes, type ConsentPurpose } from './governance/consents.ts';
export { documentLanguages, type DocumentKind } from './governance/documents.ts';
export type { CopyState, RequestOutcome } from './governance/public-requests.ts';
export {
  requestChannels,
  requestKinds,
  requestStates,
  type RequestChannel,
  type RequestDetails,
  type RequestKind,
  type RequestState,
} from './governance/requests.ts';
export { identityApi } from './identity.ts';
export { DomainRecordKind } from './identity/domains.ts';
export { OwnerAddress, TenantName } from './identity/tenants.ts';
export { longestTokenLife } from './identity/tokens.ts';
export { ingressApi } from './ingress.ts';
export { internalRoute } from './internal.ts';
export { loggingApi } from './logging.ts';
export { accessTable, type AccessRule, type Permission } from './access-table.ts';
export { permissionsOf, permissionsOfKey, ruleOf, scopes } from './permissions.ts';
export {
  principalFrom,
  mayGrant,
  principalOf,
  type AccountPrincipal,
  type PersonPrincipal,
  type Principal,
  type PublicPrincipal,
  type ServicePrincipal,
  type TokenPrincipal,
} from './principal.ts';
export { erasureSteps, privacyApi } from './privacy.ts';
export { problemTypes, type ProblemType } from './problems.ts';
export { rateLimits, rateLimitWindow, type RateLimit } from './rate-limits.ts';
export { DomainName } from './schemas/domain-name.ts';
export { contains, isWithin, NetworkCidr, overlap } from './schemas/network.ts';
