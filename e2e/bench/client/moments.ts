/** Moments of numbered messages, on the clock of `now`, in memory that threads share. */
export interface Moments {
  readonly due: Float64Array<SharedArrayBuffer>;
  readonly lastOctet: Float64Array<SharedArrayBuffer>;
  readonly reply: Float64Array<SharedArrayBuffer>;
  /** The 250 of the sink. 0: not yet. */
  readonly arrival: Float64Array<SharedArrayBuffer>;
}

export function createMoments(messages: number): Moments {
  const column = () => new Float64Array(new SharedArrayBuffer(messages * 8));
  return { due: column(), lastOctet: column(), reply: column(), arrival: column() };
}
