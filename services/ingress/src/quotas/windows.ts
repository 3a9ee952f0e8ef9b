import { hour, windows, day, type Window } from '@mysmtp/contracts';

/** One UTC hour, day or month. Milliseconds since the epoch. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/** The hour, the day and the month of this time, in the order of `windows`. */
export const periodsAt = (at: number): Period[] => windows.map((window) => periodOf(window, at));

function periodOf(window: Window, at: number): Period {
  if (window === 'hour') return fixed(at, hour);
  if (window === 'day') return fixed(at, day);
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
}

function fixed(at: number, length: number): Period {
  const start = at - (at % length);
  return { start, end: start + length };
}
