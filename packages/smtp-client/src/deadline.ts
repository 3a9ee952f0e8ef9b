/** Limits one stage and the whole attempt of a connection, with one timer. */
export interface Deadline {
  /** Starts the time of the whole attempt. */
  beginAttempt(milliseconds: number): void;
  endAttempt(): void;
  /** Starts the time of one stage. */
  beginStage(milliseconds: number): void;
  endStage(): void;
}

/** `expire` is called when the stage or the attempt has taken too long. */
export function createDeadline(expire: () => void): Deadline {
  let attemptEnds = Infinity;
  let stageEnds = Infinity;
  let timer: NodeJS.Timeout | undefined;
  let firesAt = Infinity;

  /** Stages change often: a timer that fires too early is cheaper than one that is moved each time. */
  function schedule(): void {
    const next = Math.min(attemptEnds, stageEnds);
    if (next === Infinity) {
      clearTimeout(timer);
      firesAt = Infinity;
    } else if (next < firesAt) {
      clearTimeout(timer);
      firesAt = next;
      timer = setTimeout(fire, Math.max(0, Math.ceil(next - now())));
    }
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
      schedule();
    },
    beginStage(milliseconds) {
      stageEnds = now() + milliseconds;
      schedule();
    },
    endStage() {
      stageEnds = Infinity;
      schedule();
    },
  };
}

const now = (): number => performance.now();
