import { stripVTControlCharacters } from 'node:util';

/** Runs a slow step: shows that it runs, then its time. */
export type Step = <T>(text: string, work: () => Promise<T>) => Promise<T>;

export interface Steps {
  readonly step: Step;
  /** One line, between those of the steps. */
  readonly say: (line: string) => void;
  /** Seconds since the start. */
  readonly elapsed: () => string;
}

/** The output of the steps: a terminal or a pipe. */
interface Out {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

interface Running {
  readonly text: string;
  readonly since: number;
}

const redrawEvery = 200;
/** A pipe cannot update a line, so it gets a line at this interval for a step that still runs. */
const repeatEvery = 15_000;
const frames = ['|', '/', '-', '\\'];
const eraseLine = '\r\u001B[K';

/** The steps of a start. A terminal gets one line that is updated, below the lines of finished steps. */
export function createSteps(out: Out, began: number = Date.now()): Steps {
  const running = new Set<Running>();
  const isTerminal = out.isTTY === true;
  let timer: NodeJS.Timeout | undefined;
  let frame = 0;

  const elapsed = () => `${seconds(began).padStart(6)} s`;

  function say(line: string): void {
    out.write(`${isTerminal ? eraseLine : ''}${elapsed()}  ${line}\n`);
    draw();
  }

  function draw(): void {
    if (!isTerminal || running.size === 0) return;
    frame = (frame + 1) % frames.length;
    const steps = [...running].map(({ text, since }) => `${text} (${seconds(since, 0)} s)`);
    const line = `${elapsed()}  ${frames[frame] ?? ''} ${steps.join(', ')}`;
    out.write(`${eraseLine}${stripVTControlCharacters(line).slice(0, (out.columns ?? 80) - 1)}`);
  }

  function repeat(): void {
    for (const { text, since } of running)
      say(`${text}: still running after ${seconds(since, 0)} s`);
  }

  return {
    say,
    elapsed,
    async step(text, work) {
      const entry = { text, since: Date.now() };
      if (!isTerminal) say(`${text} …`);
      running.add(entry);
      timer ??= setInterval(isTerminal ? draw : repeat, isTerminal ? redrawEvery : repeatEvery);
      draw();
      let end = 'failed after';
      try {
        const result = await work();
        end = 'took';
        return result;
      } finally {
        running.delete(entry);
        if (running.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
        say(`${text}: ${end} ${seconds(entry.since)} s`);
      }
    },
  };
}

/** For a caller that shows lines only: a step is one line at its beginning. */
export function stepInLines(progress: (line: string) => void): Step {
  return (text, work) => {
    progress(text);
    return work();
  };
}

function seconds(since: number, digits = 1): string {
  return ((Date.now() - since) / 1000).toFixed(digits);
}
