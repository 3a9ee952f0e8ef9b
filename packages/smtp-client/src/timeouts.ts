import type { Stage } from './failure.ts';

/** Limits of each stage, and of a whole attempt: opening a session, or sending a message. Milliseconds. */
export type Timeouts = Readonly<Record<Exclude<Stage, 'idle'> | 'attempt', number>>;

const minutes = (count: number): number => count * 60_000;

/**
 * The minimums of RFC 5321 4.5.3.2 if it states one; other stages have the limit of other commands or less.
 */
export const rfcTimeouts: Timeouts = {
  connect: 30_000,
  greeting: minutes(5),
  ehlo: minutes(5),
  helo: minutes(5),
  starttls: minutes(5),
  tls: minutes(1),
  rset: minutes(5),
  mail: minutes(5),
  rcpt: minutes(5),
  data: minutes(2),
  /** For each block of the message, not for the whole message. */
  content: minutes(3),
  /** If the client times out too early, the message may arrive twice (RFC 5321 4.5.3.2.6). */
  final_dot: minutes(10),
  quit: 5_000,
  attempt: minutes(30),
};
