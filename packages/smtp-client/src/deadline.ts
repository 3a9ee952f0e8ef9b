/** Limits one stage and the whole attempt of a connection, with one timer. */
export interface Deadline {
  /** Starts the time of the whole attempt. */
  beginAttempt(milliseconds: number): void;
  endAttempt(): void;
  /** Starts the time of one stage. */
  beginStage(milliseconds: number): void;
  endStage(): void;
  /** Ends both for good. */
  stop(): void;
}

/** `expire` is called when the stage or the attempt has timed out. */
export function createDeadline(expire: () => void): Deadline {
  let attemptEnds = Infinity;
  let stageEnds = Infinity;
  let timer: NodeJS.Timeout | undefined;
  let firesAt = Infinity;

  /** Stages change often, and a timer that fires too early is cheaper than one that is reset each time. */
  function schedule(): void {
    const next = Math.min(attemptEnds, stageEnds);
    if (next >= firesAt) return;
    clearTimeout(timer);
    firesAt = next;
    timer = setTimeout(fire, Math.max(0, Math.ceil(next - now())));
  }

  function fire(): void {
    firesAt = Infinity;
    if (Math.min(attemptEnds, stageEnds) <= now()) expire();
    else schedule();
  }

  return {
    beginAttempt(milliseconds) {
      attemptEnds = now() + milliseconds;
      schedule();
    },
    endAttempt() {
      attemptEnds = Infinity;
    },
    beginStage(milliseconds) {
      stageEnds = now() + milliseconds;
      schedule();
    },
    endStage() {
      stageEnds = Infinity;
    },
    stop() {
      attemptEnds = Infinity;
      stageEnds = Infinity;
      clearTimeout(timer);
    },
  };
}

const now = (): number => performance.now();
