import type { House } from '@mysmtp/service';
import { connect, openTenantAccess, type Connections, type TenantAccess } from '@mysmtp/tenancy';
import type { IdentityConfig } from './config.ts';

/** What identity's nouns stand on: what every service does but a projection, since identity has the originals. */
export type Means = Connections & TenantAccess;

export async function openMeans(house: House<IdentityConfig>): Promise<Means> {
  const connections = await connect(house);
  return { ...connections, ...openTenantAccess(house, connections) };
}
