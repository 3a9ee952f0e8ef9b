import type { RequestKind, RequestState } from '@mysmtp/api';

const done: readonly RequestState[] = ['completed_live', 'completed', 'refused', 'cancelled'];

/** No state follows. */
export const isDone = (state: RequestState): boolean => done.includes(state);

/** The states in which the clocks of the law run for us. A hold is a ground of the law to wait. */
export const isOpen = (state: RequestState): boolean =>
  !isDone(state) && state !== 'held' && state !== 'awaiting_challenge';

/** A right is being executed. */
export const running: readonly RequestState[] = ['in_progress', 'partial', 'failed'];

/** Nothing has been done yet. */
export const before: readonly RequestState[] = [
  'awaiting_challenge',
  'received',
  'waiting_for_tenant',
];

export const isBefore = (state: RequestState): boolean => before.includes(state);

/** The states in which nothing is destroyed: the request can still be withdrawn or refused. */
export const cancellableStates = (kind: RequestKind): readonly RequestState[] =>
  kind === 'erasure' ? before : [...before, ...running];

export const isCancellable = (kind: RequestKind, state: RequestState): boolean =>
  cancellableStates(kind).includes(state);

export const completedState = (kind: RequestKind): 'completed_live' | 'completed' =>
  kind === 'erasure' ? 'completed_live' : 'completed';

/** The state of a request to all tenants, by the states of its parts. */
export function stateOfParts(kind: RequestKind, parts: readonly RequestState[]): RequestState {
  const open = parts.filter((state) => !isDone(state));
  if (open.some((state) => state === 'partial' || state === 'failed')) return 'partial';
  if (open.some((state) => state !== 'held')) return 'in_progress';
  if (open.length > 0) return 'held';
  for (const end of ['refused', 'cancelled'] as const) {
    if (parts.length > 0 && parts.every((state) => state === end)) return end;
  }
  return completedState(kind);
}
