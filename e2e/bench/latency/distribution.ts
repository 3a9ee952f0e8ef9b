import type { Moments } from '../client/moments.ts';
import { median, percentile } from '../percentiles.ts';

/** The shares of all messages that were at least as fast. */
export const shares = [0.5, 0.95, 0.99] as const;

/** Percentiles in milliseconds, in the order of `shares`. */
export interface Latencies {
  /** From the last octet to the 250. */
  readonly reply: readonly number[];
  /** From the moment at which the message was due to the 250. */
  readonly sinceDue: readonly number[];
  /** From the last octet to the 250 of the sink. */
  readonly remote: readonly number[];
}

/** Of the first messages of `moments`. */
export function latenciesOf(moments: Moments, messages: number): Latencies {
  const between = (from: Float64Array, to: Float64Array): number[] => {
    const all = Array.from({ length: messages }, (_, n) => (to[n] ?? 0) - (from[n] ?? 0));
    return shares.map((share) => percentile(all, share));
  };
  const { due, lastOctet, reply, arrival } = moments;
  return {
    reply: between(lastOctet, reply),
    sinceDue: between(due, reply),
    remote: between(lastOctet, arrival),
  };
}

/** The medians of several rounds. */
export function medianLatencies(rounds: readonly Latencies[]): Latencies {
  const of = (name: keyof Latencies): number[] =>
    shares.map((_, at) => median(rounds.map((one) => one[name][at] ?? Number.NaN)));
  return { reply: of('reply'), sinceDue: of('sinceDue'), remote: of('remote') };
}
