import { day, hour } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import type { RecipientStore } from '../recipients/recipient-store.ts';
import { startOfDay } from '../recipients/recipients.ts';
import { historyDays } from '../recipients/unusual-recipients.ts';

/** Removes the sketches of days that detection does not need any more. */
export function removeRecipientSketches(deps: {
  readonly recipientStore: Pick<RecipientStore, 'removeBefore' | 'oldest'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { recipientStore, clock, log, metrics } = deps;
  // The day of the sketch, and an hour between two runs.
  const limit = (historyDays + 1) * day + hour;
  const store = retentionGauges({ store: 'ingress.recipientSketches', limit, clock, metrics });
  return async () => {
    const count = await recipientStore.removeBefore(startOfDay(clock.now()) - historyDays * day);
    if (count > 0) log.info('recipients.sketches_removed', { count });
    store.update(await recipientStore.oldest());
  };
}
