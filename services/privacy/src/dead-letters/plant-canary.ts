import type { Publisher } from '@mysmtp/broker';
import { routingKeys, type Canaries, type FenceOf } from '@mysmtp/contracts';
import { toDeadLetter } from './dead-letter.ts';

/** Publishes a dead letter as a canary. It takes the same path as every other dead letter. */
export async function plantDeadLetter(
  { erasure, tenant }: FenceOf<'tenant'>,
  publisher: Publisher,
): Promise<Partial<Canaries>> {
  const key = routingKeys.deadCanary;
  const content = Buffer.from(JSON.stringify({ v: 1, erasure, tenant }));
  await publisher.publish({ key, content, mandatory: true });
  const { _id: letter } = toDeadLetter(
    { content, routingKey: key, headers: {}, redelivered: false },
    0,
  );
  return { letter };
}
