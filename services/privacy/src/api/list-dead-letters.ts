import type { privacyApi } from '@mysmtp/api';
import { routingKeys } from '@mysmtp/contracts';
import type { Handler } from '@mysmtp/http';
import type { Model } from 'mongoose';
import type { DeadLetterDocument } from '../dead-letters/dead-letter.ts';

/** An upper bound. Usually there are few dead letters; otherwise the newest ones show the cause. */
const most = 1_000;

export function listDeadLetters(
  deadLetters: Model<DeadLetterDocument>,
): Handler<typeof privacyApi.listDeadLetters> {
  return async () => {
    const found = await deadLetters
      .find({ routingKey: { $ne: routingKeys.deadCanary } }, { content: 0 })
      .sort({ receivedAt: -1 })
      .limit(most)
      .lean();
    const shown = found.map(({ _id, receivedAt, exchange, routingKey, queue, reason }) => ({
      id: _id,
      exchange,
      routingKey,
      queue,
      reason,
      receivedAt: receivedAt.toISOString(),
    }));
    return { status: 200, body: { deadLetters: shown } };
  };
}
