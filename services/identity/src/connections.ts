import type { ServiceContext } from '@mysmtp/service';
import { connect, openTenantAccess, type Connections, type TenantAccess } from '@mysmtp/tenancy';
import type { IdentityConfig } from './config.ts';

/**
 * The connections of identity. Unlike other services it has no projection, because it owns the originals.
 */
export type IdentityConnections = Connections & TenantAccess;

export async function openConnections(
  context: ServiceContext<IdentityConfig>,
): Promise<IdentityConnections> {
  const connections = await connect(context);
  return { ...connections, ...openTenantAccess(context, connections) };
}
