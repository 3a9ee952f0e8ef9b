import type { Purge } from '@mysmtp/erasure';
import type { Projection } from '@mysmtp/projection';
import type { UsageStore } from '../quotas/usage-store.ts';
import type { RecipientStore } from '../recipients/recipient-store.ts';
import type { Spool } from '../spool/spool.ts';

/** The purge of a tenant for each store of ingress, in this order. */
export function createPurges(
  projection: Projection,
  spool: Spool,
  usage: UsageStore,
  recipients: RecipientStore,
): Record<string, Purge<'tenant'>> {
  return {
    'ingress.identityProjection': async ({ tenant }, count) =>
      count(await projection.forget(tenant)),
    'ingress.spool.chunks': ({ tenant }, count) => spool.removeChunksOf(tenant, count),
    'ingress.usage': async ({ tenant }, count) => count(await usage.removeOf(tenant)),
    'ingress.recipientSketches': async ({ tenant }, count) =>
      count(await recipients.removeOf(tenant)),
    'ingress.spool.files': ({ tenant }, count) => spool.removeFilesOf(tenant, count),
  };
}
