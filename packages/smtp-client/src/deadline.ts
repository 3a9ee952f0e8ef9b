/** Limits one stage and the whole attempt of a connection, with one timer. */
export interface Deadline {
  /** Starts the time of a whole attempt. */
  beginAttempt(milliseconds: number): void;
  /** Ends the attempt that began first. */
  endAttempt(): void;
  /** Starts the time of one stage. */
  beginStage(milliseconds: number): void;
  endStage(): void;
  /** Ends both for good. */
  stop(): void;
}

/** `expire` is called when the stage or the attempt has timed out. */
export function createDeadline(expire: () => void): Deadline {
  /** Of the attempts under way, in the order in which they began and end. */
  let attemptEnds: number[] = [];
  let stageEnds = Infinity;
  let timer: NodeJS.Timeout | undefined;
  let firesAt = Infinity;

  const earliest = (): number => Math.min(attemptEnds[0] ?? Infinity, stageEnds);

  /** Stages change often, and a timer that fires too early is cheaper than one that is reset each time. */
  function schedule(): void {
    const next = earliest();
    if (next >= firesAt) return;
    clearTimeout(timer);
    firesAt = next;
    timer = setTimeout(fire, Math.max(0, Math.ceil(next - now())));
  }

  function fire(): void {
    firesAt = Infinity;
    if (earliest() <= now()) expire();
    else schedule();
  }

  return {
    beginAttempt(milliseconds) {
      attemptEnds.push(now() + milliseconds);
      schedule();
    },
    endAttempt() {
      attemptEnds.shift();
    },
    beginStage(milliseconds) {
      stageEnds = now() + milliseconds;
      schedule();
    },
    endStage() {
      stageEnds = Infinity;
    },
    stop() {
      attemptEnds = [];
      stageEnds = Infinity;
      clearTimeout(timer);
    },
  };
}

const now = (): number => performance.now();
