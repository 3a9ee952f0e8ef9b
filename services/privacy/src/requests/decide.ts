import type { AdvanceDeps } from './advance.ts';
import { tellExtension } from './advance.ts';
import { dueDate, extendedDate } from './clocks.ts';
import type { Challenges } from './challenges.ts';
import type { RequestDocument } from './model.ts';
import { noticeToPerson } from '../rights/restriction.ts';
import { before, cancellableStates, isDone, isOpen } from './states.ts';

export type Decision = 'act' | 'refuse' | 'extend' | 'identified' | 'challenge' | 'note';

export type DecideDeps = Pick<AdvanceDeps, 'requests' | 'mails' | 'clock'> & {
  readonly challenges: Challenges;
};

/** A restriction is lifted only after the person was told, by our mail or by a human. */
export const waitsForNotice = ({ waitingFor, personToldAt }: RequestDocument): boolean =>
  waitingFor.includes(noticeToPerson) && personToldAt === null;

interface Decided {
  readonly reason: string;
  readonly by: string;
}

type Execute = (
  request: RequestDocument,
  decided: Decided,
  deps: DecideDeps,
) => Promise<RequestDocument | undefined>;

/** Each resolves to nothing if the state of the request does not allow it. */
const decisions: Readonly<Record<Decision, Execute>> = {
  act(request, { by, reason }, { requests, clock }) {
    const entry = { by, kind: 'acted', reason };
    if (!waitsForNotice(request)) {
      return requests.move(request, ['waiting_for_tenant'], 'in_progress', {}, entry);
    }
    const at = new Date(clock.now());
    return requests.change(
      request,
      { state: request.state, personToldAt: null },
      { personToldAt: at, turnAt: at },
      entry,
    );
  },
  refuse(request, { by, reason }, { requests }) {
    // The parts of a request to all tenants are refused by the tenants, each for itself.
    const from = request.tenant === null ? before : cancellableStates(request.kind);
    const entry = { by, kind: 'refused', reason };
    return requests.move(request, from, 'refused', { challenge: null }, entry);
  },
  extend,
  identified: (request, decided, { challenges }) => challenges.identify(request, decided),
  async challenge(request, { by, reason }, { requests, challenges }) {
    if (request.state !== 'awaiting_challenge' || request.channel === 'public') return undefined;
    await challenges.send(request);
    return requests.change(request, {}, {}, { by, kind: 'challenged', reason });
  },
  note: (request, { by, reason }, { requests }) =>
    requests.change(request, {}, {}, { by, kind: 'note', reason }),
};

/** Executes what a human decided. False if the state of the request does not allow it. */
export const decide = async (
  request: RequestDocument,
  { decision, ...decided }: Decided & { readonly decision: Decision },
  deps: DecideDeps,
): Promise<boolean> => (await decisions[decision](request, decided, deps)) !== undefined;

/** By two months, once, and within the first (GDPR Art. 12(3)). The person learns the reason. */
async function extend(
  request: RequestDocument,
  { by, reason }: Decided,
  { requests, mails, clock }: DecideDeps,
): Promise<RequestDocument | undefined> {
  const { receivedAt, dueAt, state } = request;
  const first = dueDate(receivedAt);
  if (!isOpen(state) || isDone(state) || clock.now() >= first.getTime()) return undefined;
  const only = { state, dueAt };
  if (dueAt.getTime() !== first.getTime()) return undefined;
  const later = { dueAt: extendedDate(receivedAt) };
  const extended = await requests.change(request, only, later, { by, kind: 'extended', reason });
  if (extended === undefined) return undefined;
  const parent = extended.parent === null ? null : await requests.find({ _id: extended.parent });
  // The person waits for all parts.
  const whole =
    parent === null
      ? undefined
      : await requests.change(parent, { dueAt: first }, later, { by, kind: 'extended' });
  const toPerson = extended.tenant === null ? extended : whole;
  if (toPerson?.tenant === null) await tellExtension(toPerson, reason, { requests, mails });
  return extended;
}
