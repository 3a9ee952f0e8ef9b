import { routingKeys, serviceNames } from '@mysmtp/contracts';
import { askNowAndThen, type Saying } from '../ask.ts';
import type { ErasureDocument } from '../ledger.ts';
import type { SagaMeans, Turn } from '../means.ts';

/**
 * Raises the fence: no keys from now on, and every process that lives is told and says that it holds.
 * One that does not answer is waited for until its lease is over, for then it refuses by itself.
 */
export async function fence(erasure: ErasureDocument, means: SagaMeans): Promise<Turn> {
  const { tenants, members, answers, clock } = means;
  const { _id, subject } = erasure;
  await tenants.updateOne(
    { _id: subject.tenant, state: { $in: ['preparing', 'active'] } },
    { state: 'fenced', $inc: { version: 1 } },
  );
  const broadcast: Saying = {
    key: routingKeys.fenceRaised,
    sign: (signed) => signed.sign('fence', { v: 1, erasure: _id, subject }),
    persistent: false,
  };
  const raisedAt = erasure.raisedAt ?? new Date(clock.now());
  await askNowAndThen(erasure, [broadcast], means);
  if (erasure.asked === 0) {
    await means.ledger.updateOne({ _id, raisedAt: null }, { raisedAt });
    return { waitingFor: [] };
  }
  const given = await answers.acknowledgements(_id);
  const processes = new Set(given.map(({ process }) => process));
  const missing = new Set([
    ...serviceNames.filter((service) => !given.some((one) => one.service === service)),
    ...members.live().flatMap(({ process, service }) => (processes.has(process) ? [] : [service])),
  ]);
  const waitingFor = [...missing].map((name) => `fence of ${name}`);
  // Said last, of the moment in which it was called: a process may live that nobody here has heard of.
  if (!members.isComplete()) waitingFor.push('the roll of processes');
  return waitingFor.length > 0 ? { waitingFor } : { next: 'purging' };
}
