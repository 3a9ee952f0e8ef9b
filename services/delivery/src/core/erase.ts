import { isFinal } from '@mysmtp/contracts';
import {
  isPending,
  recipientsOf,
  type Erased,
  type MessageState,
  type RecipientState,
} from './state.ts';

/**
 * Cancels delivery to erased persons and removes their data from the state. Nothing bounces, because a DSN
 * would create the data again. Pure.
 */
export function withoutErased(
  state: MessageState,
  erased: Erased,
  cancel: (one: RecipientState) => RecipientState,
): MessageState {
  const { opened } = state;
  if (opened === undefined) return state;
  const emptied = new Set(erased.recipients);
  const dropped = droppedDsns(state, erased);
  const recipients = opened.recipients.map((one) => {
    if (emptied.has(one.n)) return withoutData(cancel(one), erased.details.get(one.n));
    if (erased.isAll) return withoutSender(cancel(one), erased.details.get(one.n));
    return one.dsn !== undefined && dropped.has(one.dsn) ? withoutDsn(one) : one;
  });
  const { senderIndex, senderDomainIndex, ...others } = opened;
  const sender =
    senderDomainIndex === undefined ? { senderIndex } : { senderIndex, senderDomainIndex };
  return {
    ...state,
    opened: { ...others, ...(erased.isSender ? { senderIndex: '' } : sender), recipients },
    dsns: state.dsns.filter(({ id }) => !dropped.has(id)),
  };
}

/**
 * DSNs that are written and not messages of their own yet. One that is about an erased person and others is
 * made again, about the others.
 */
function droppedDsns(
  state: MessageState,
  { recipients, isAll }: Erased,
): ReadonlySet<string | undefined> {
  const waiting = new Set<string | undefined>(state.dsns.map(({ id }) => id));
  if (isAll) return waiting;
  const erased = new Set(recipients);
  const about = recipientsOf(state).flatMap(({ n, dsn }) => (erased.has(n) ? [dsn] : []));
  return new Set(about.filter((id) => id !== undefined && waiting.has(id)));
}

/** Its blind index is empty, so no search finds it. */
const withoutData = (
  { n, status, rev, tries, dueAt }: RecipientState,
  details: Buffer = Buffer.alloc(0),
): RecipientState => ({
  n,
  status,
  rev,
  index: '',
  details,
  attempts: [],
  tries,
  dueAt,
  dsn: 'none',
});

const withoutSender = (
  { dsn: _dsn, ...one }: RecipientState,
  details: Buffer = Buffer.alloc(0),
): RecipientState => ({ ...one, details, dsn: 'none' });

const withoutDsn = ({ dsn: _dsn, ...one }: RecipientState): RecipientState => one;

/** Positions whose final state says what an erasure did. */
export const finalIn = (state: MessageState): number[] =>
  recipientsOf(state).flatMap(({ n, status }) => (isFinal(status) ? [n] : []));

export const hasPending = (state: MessageState): boolean => recipientsOf(state).some(isPending);
