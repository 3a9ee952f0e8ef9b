/**
 * The suspects' lane. A message that was in the hands of a process when that process died, or whose
 * handling failed unexpectedly, is a suspect: `handlings` says how often its handling has begun
 * without an end. The more often, the fewer others are handled beside it, at last none: so a message
 * that kills its process is caught alone, and the innocents that were beside it go free.
 */
const widths = [50, 10, 3] as const;

/** How many suspects may be under way together with one that was begun `handlings` times. */
export function laneWidth(handlings: number): number {
  return widths[Math.max(0, handlings - 1)] ?? 1;
}

export interface Lane {
  /** Runs `work` as soon as its width allows, in the order of arrival. */
  run<T>(handlings: number, work: () => Promise<T>): Promise<T>;
}

export function createLane(): Lane {
  /** The widths of what is under way. */
  const running = new Map<symbol, number>();
  const waiting: { width: number; start: () => void }[] = [];

  function pump(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (running.size >= Math.min(next.width, ...running.values())) return;
      waiting.shift();
      next.start();
    }
  }

  return {
    run(handlings, work) {
      const width = laneWidth(handlings);
      return new Promise((resolve, reject) => {
        const start = (): void => {
          const place = Symbol('place');
          running.set(place, width);
          const leave = (): void => {
            running.delete(place);
            pump();
          };
          work().then(resolve, reject).finally(leave);
        };
        waiting.push({ width, start });
        pump();
      });
    },
  };
}
