/**
 * Limits the concurrency of possibly poisonous messages. A message is possibly poisonous if it was in flight
 * when its process crashed, or if its handling failed unexpectedly. `unfinishedHandlings` counts how often
 * its handling began and did not finish. The higher the count, the fewer such messages are handled in
 * parallel. So a message that crashes the process is finally handled alone, and the others are delivered.
 */
const widths = [50, 10, 3] as const;

/** How many possibly poisonous messages may run in parallel with one that has this count. */
export function concurrencyBeside(unfinishedHandlings: number): number {
  return widths[Math.max(0, unfinishedHandlings - 1)] ?? 1;
}

export interface PoisonLimiter {
  /** Runs `work` as soon as the limits allow, in the order of arrival. */
  run<T>(unfinishedHandlings: number, work: () => Promise<T>): Promise<T>;
}

export function createPoisonLimiter(): PoisonLimiter {
  /** The width (concurrency limit) of each running message. */
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
    run(unfinishedHandlings, work) {
      const width = concurrencyBeside(unfinishedHandlings);
      return new Promise((resolve, reject) => {
        const start = (): void => {
          const position = Symbol('position');
          running.set(position, width);
          const leave = (): void => {
            running.delete(position);
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
