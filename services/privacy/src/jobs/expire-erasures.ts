import { hour, ledgerRetention } from '@mysmtp/contracts';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import type { Answers } from '../erasures/answers.ts';
import { fencesBefore, forgotten, type Ledger } from '../erasures/ledger.ts';

/**
 * Deletes requests and their proofs after the period in which somebody may ask for them; never an open
 * one. The blind index of a person goes with the fence that needs it.
 */
export function erasureExpiry(deps: {
  readonly ledger: Ledger;
  readonly answers: Answers;
  readonly clock: Clock;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { ledger, answers, clock, metrics } = deps;
  const limit = ledgerRetention + hour;
  const entries = retentionGauges({ store: 'privacy.erasures', limit, clock, metrics });
  const proofs = retentionGauges({ store: 'privacy.erasureAnswers', limit, clock, metrics });
  return async () => {
    const before = new Date(clock.now() - ledgerRetention);
    await ledger.deleteMany({ requestedAt: { $lt: before }, step: 'completed_live' });
    await answers.removeOlderThan(before);
    await ledger.updateMany(
      {
        'subject.kind': 'person',
        'subject.person': { $ne: forgotten },
        completedAt: { $lt: fencesBefore(clock) },
        step: 'completed_live',
      },
      { 'subject.person': forgotten },
    );
    const oldest = await ledger.findOne().sort({ requestedAt: 1 }).lean();
    entries.update(oldest?.requestedAt.getTime());
    proofs.update(await answers.oldest());
  };
}
