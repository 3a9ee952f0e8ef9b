import { projectedEntities } from '@mysmtp/contracts';
import { openProjection, openProjectionCollection, type Projection } from '@mysmtp/projection';
import type { House } from '@mysmtp/service';
import type { CommonConfig, Connections } from './connections.ts';

/**
 * What this service knows of identity, of the entities that are meant for it (`projectedEntities`), in
 * a collection of its own.
 */
export async function followIdentity(
  house: House<CommonConfig & { readonly identityUrl: string }>,
  { database, client, control, signed }: Connections,
  collection: string,
): Promise<Projection> {
  const { name, config, clock, log, metrics } = house;
  return house.own(
    await openProjection({
      entities: projectedEntities[name],
      collection: await openProjectionCollection(database, collection),
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
