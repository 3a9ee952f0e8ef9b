import { routingKeys, type IdentityChange } from '@mysmtp/contracts';
import type { World } from './world.ts';

/** Says to every other service what only identity may say. */
export async function tellAsIdentity(world: World, change: IdentityChange): Promise<void> {
  await world.broker.say('identity', {
    key: routingKeys.identityChanged(change.entity),
    content: Buffer.from(JSON.stringify(change)),
  });
}
