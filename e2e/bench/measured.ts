import { median } from './percentiles.ts';
import type { Memory } from './processes.ts';

/** One round of one row. */
export interface Measured {
  readonly messages: number;
  /** From the first submission until the last 250, and until the sink has all. Seconds. */
  readonly accepted: number;
  readonly arrived: number;
  /** Microseconds of CPU per message, by part of the system. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Peaks of resident memory during the round, by part of the system. */
  readonly memory: Readonly<Record<string, Memory>>;
  /** Disk flushes per message, of the whole machine. */
  readonly flushes: number;
  /** Duplicates. */
  readonly duplicates: number;
}

/** The measurements of one row, in the order of the rounds. */
export interface Result {
  readonly name: string;
  readonly rounds: readonly Measured[];
}

/** Messages per second from the first submission until the sink has all. */
export const rateOf = ({ messages, arrived }: Measured): number => messages / arrived;
/** Microseconds of CPU per message, of all parts. */
export const cpuSum = ({ cpu }: Measured): number => Object.values(cpu).reduce((a, b) => a + b, 0);

export const medianOf = (rounds: readonly Measured[], of: (one: Measured) => number): number =>
  median(rounds.map(of));
