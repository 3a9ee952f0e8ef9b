export { connect, type Connections } from './connections.ts';
export { connectService, type ConnectedService, type ProjectedScope } from './connect-service.ts';
export { consume } from './consume.ts';
export { followIdentity } from './follow-identity.ts';
export { openMembers, type Member, type Members } from './members.ts';
export { openTenantAccess, openTenantsOf, type TenantAccess } from './tenant-access.ts';
export { notingUse, openBearerTokens, openUseReports, type UseReports } from './bearer-tokens.ts';
export {
  createTenants,
  keysOf,
  type BareScope,
  type Tenants,
  type TenantScope,
} from './tenants.ts';
