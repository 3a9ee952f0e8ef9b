import { vi } from 'vitest';
import { eventually } from './eventually.ts';

interface Job {
  wake(): void;
  stop(): Promise<void>;
}

interface Pace {
  readonly busy: number;
  readonly idle: number;
}

/** Of `@mysmtp/service`, as the services import it. */
interface Scheduler<Deps> {
  startPacedJob(name: string, pace: Pace, run: () => Promise<boolean>, deps: Deps): Job;
}

/** Jobs with two paces that this process starts from now on. */
export interface PacedJobs extends Disposable {
  /**
   * Waits until the job of this name is idle. During `work` its idle pace never comes, so only a wake makes it run,
   * and then it runs at once. The newest job counts if there are several of this name.
   */
  whileIdle<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

interface Watched {
  readonly job: Job;
  /** Whether nothing but a wake makes it run. */
  isAsleep(): boolean;
}

/** Longer than a test, and short enough for a timer. Milliseconds. */
const never = 20 * 86_400_000;
/** A divisor of every busy pace. */
const soon = 50;

export function watchPacedJobs<Deps>(scheduler: Scheduler<Deps>): PacedJobs {
  const start = scheduler.startPacedJob;
  const held = new Set<string>();
  const watched = new Map<string, Watched>();

  function watchedJob(name: string, pace: Pace, run: () => Promise<boolean>, deps: Deps): Job {
    let isAsleep = false;
    let wakes = 0;
    const job = start(
      name,
      {
        get busy() {
          return held.has(name) ? soon : pace.busy;
        },
        get idle() {
          return held.has(name) ? never : pace.idle;
        },
      },
      async () => {
        isAsleep = false;
        const before = wakes;
        const isBusy = await run();
        isAsleep = held.has(name) && !isBusy && wakes === before;
        return isBusy;
      },
      deps,
    );
    const counting = {
      wake() {
        isAsleep = false;
        wakes += 1;
        job.wake();
      },
      stop: () => job.stop(),
    };
    watched.set(name, { job: counting, isAsleep: () => isAsleep });
    return counting;
  }
  const spy = vi.spyOn(scheduler, 'startPacedJob').mockImplementation(watchedJob);

  return {
    async whileIdle(name, work) {
      const { job, isAsleep } = watched.get(name) ?? {};
      if (job === undefined || isAsleep === undefined) throw new Error(`No job ${name} runs`);
      held.add(name);
      try {
        // It may wait for a turn at its idle pace already.
        job.wake();
        await eventually(() => {
          if (!isAsleep()) throw new Error(`The job ${name} has work`);
        });
        return await work();
      } finally {
        held.delete(name);
        job.wake();
      }
    },
    [Symbol.dispose]: () => spy.mockRestore(),
  };
}
