import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from 'vitest';

const kinds = ['uncaughtException', 'unhandledRejection'] as const;

/** Fails each test of the file if an error is not caught. */
export function noneUncaught(): void {
  let uncaught: unknown[];
  const note = (error: unknown): void => void uncaught.push(error);
  beforeEach(() => {
    uncaught = [];
    for (const kind of kinds) process.on(kind, note);
  });
  afterEach(async () => {
    // Node reports a rejection after the microtasks in which it could be handled.
    await turn();
    for (const kind of kinds) process.off(kind, note);
    expect(uncaught).toEqual([]);
  });
}
