import { routingKeys, serviceNames } from '@mysmtp/contracts';
import { resendUntilAnswered, type ErasureMessage } from '../resend.ts';
import type { ErasureDocument } from '../ledger.ts';
import type { SagaDeps, Turn } from '../deps.ts';

/**
 * Raises the fence: from now on no keys of a tenant are given, and every live process must acknowledge it. If a
 * process does not answer, the step waits until its lease is over, because the process then refuses
 * writes by itself.
 */
export async function fence(erasure: ErasureDocument, deps: SagaDeps): Promise<Turn> {
  const { tenants, members, answers, clock } = deps;
  const { _id, subject } = erasure;
  // Other persons of the tenant need its keys.
  if (subject.kind === 'tenant') {
    await tenants.updateOne(
      { _id: subject.tenant, state: { $in: ['preparing', 'active'] } },
      { state: 'fenced', $inc: { version: 1 } },
    );
  }
  const broadcast: ErasureMessage = {
    key: routingKeys.fenceRaised,
    sign: (signed) => signed.sign('fence', { v: 1, erasure: _id, subject }),
    persistent: false,
  };
  const raisedAt = erasure.raisedAt ?? new Date(clock.now());
  await resendUntilAnswered(erasure, [broadcast], deps);
  if (erasure.asked === 0) {
    await deps.ledger.updateOne({ _id, raisedAt: null }, { raisedAt });
    return { waitingFor: [] };
  }
  const given = await answers.acknowledgements(_id);
  const processes = new Set(given.map(({ process }) => process));
  const missing = new Set([
    ...serviceNames.filter((service) => !given.some((one) => one.service === service)),
    ...members.live().flatMap(({ process, service }) => (processes.has(process) ? [] : [service])),
  ]);
  const waitingFor = [...missing].map((name) => `fence of ${name}`);
  // Checked last, at the moment of the call: a live process may not have sent a heartbeat to this one
  // yet.
  if (!members.isComplete()) waitingFor.push('the list of processes');
  return waitingFor.length > 0 ? { waitingFor } : { next: 'purging' };
}
