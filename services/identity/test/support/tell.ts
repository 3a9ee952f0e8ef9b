import { openPublisher } from '@mysmtp/broker';
import { routingKeys, type IdentityChange } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually } from '@mysmtp/test-kit';
import type { World } from './world.ts';

/** Says to every other service what only identity may say. */
export async function tellAsIdentity(world: World, change: IdentityChange): Promise<void> {
  const log = createLogger('identity', 'error');
  const publisher = await openPublisher({ url: world.broker.url, name: 'test', log });
  await eventually(() =>
    publisher.publish({
      exchange: 'events',
      key: routingKeys.identityChanged(change.entity),
      content: Buffer.from(JSON.stringify(change)),
    }),
  );
  await publisher.close();
}
