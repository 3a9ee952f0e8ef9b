import { openBroker, openControl } from '@mysmtp/broker';
import type { IdentityEntity } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { openProjection, type Projection } from '@mysmtp/projection';
import type { Collection } from 'mongoose';
import { Registry } from 'prom-client';
import type { CollectionName, Customer } from './customers.ts';
import type { Identity } from './identity.ts';
import type { World } from './world.ts';

/** A complete projection, as ingress has it. */
export async function openKnowledge(
  world: World,
  identity: Identity,
  collection: Collection,
): Promise<Projection> {
  const log = createLogger('ingress', 'error');
  const broker = openBroker({ url: world.broker.url, service: 'ingress', log });
  const control = openControl(broker);
  const projection = await openProjection({
    entities: ['tenant', 'credential', 'domain', 'token'],
    collection,
    client: identity.client,
    signed: await world.serviceKeys.as('ingress'),
    control,
    log,
    clock: { now: () => Date.now() },
    metrics: new Registry(),
  });
  return {
    ...projection,
    async close() {
      await projection.close();
      await control.close();
      await broker.close();
    },
  };
}

const entityOf: Record<CollectionName, IdentityEntity> = {
  tenants: 'tenant',
  domains: 'domain',
  credentials: 'credential',
  tokens: 'token',
};

/** The ids of a customer's active entities. */
export const knownOf = (projection: Projection, { ids }: Customer): string[] =>
  (Object.keys(entityOf) as CollectionName[]).flatMap((collection) =>
    ids[collection].filter((id) => projection.get(entityOf[collection], id) !== undefined),
  );
