export { connect, type Connections } from './connections.ts';
export { connectService, type ConnectedService } from './connect-service.ts';
export { consume } from './consume.ts';
export { followIdentity } from './follow-identity.ts';
export { openMembers, type Member, type Members } from './members.ts';
export { openTenantAccess, type TenantAccess } from './tenant-access.ts';
