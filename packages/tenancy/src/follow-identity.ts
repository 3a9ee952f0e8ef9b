import { projectedEntities } from '@mysmtp/contracts';
import { openProjection, openProjectionCollection, type Projection } from '@mysmtp/projection';
import type { ServiceContext } from '@mysmtp/service';
import type { CommonConfig, Connections } from './connections.ts';

/**
 * The projection of identity with the entities for this service (`projectedEntities`), in a collection of
 * its own.
 */
export async function followIdentity(
  context: ServiceContext<CommonConfig & { readonly identityUrl: string }>,
  { database, client, control, signed }: Connections,
): Promise<Projection> {
  const { name, config, clock, log, metrics } = context;
  return context.manage(
    await openProjection({
      entities: projectedEntities[name],
      collection: await openProjectionCollection(database, 'identityProjection'),
      client: client('identity', config.identityUrl),
      control,
      signed,
      log,
      clock,
      metrics,
    }),
    (open) => open.close(),
  );
}
