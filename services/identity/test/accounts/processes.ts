import { hashToken } from '@mysmtp/http';
import { afterAll, beforeAll } from 'vitest';
import type { Stores } from '../../src/stores.ts';
import { openRooms } from '../support/identity.ts';
import { helpersFor, movedClock, type Helpers } from '../support/people.ts';
import { openWorld, type World } from '../support/world.ts';

/** What the tests of accounts share: two processes of identity, one of privacy, and a clock. */

export const clock = movedClock();
export const manager = { kind: 'command', id: 'test' } as const;
export let world: World;
export let stores: Stores;
/** The same, in another process of identity. */
export let elsewhere: Stores;
export let help: Helpers;
/** The log of the first process. */
export let lines: readonly string[];

/** Opens them before the tests of the file, and closes them after these. */
export function shareProcesses(): void {
  const opened = new AsyncDisposableStack();
  beforeAll(async () => {
    world = opened.use(await openWorld());
    ({ stores, lines } = opened.use(await openRooms(world, undefined, clock)));
    ({ stores: elsewhere } = opened.use(await openRooms(world, undefined, clock)));
    help = helpersFor(world, stores, clock);
  });
  afterAll(() => opened.disposeAsync());
}

export const lookUp = (token: string) => stores.accounts.sessions.lookUp(hashToken(token));

/** How many of these succeed at once, in two processes. */
export async function successes(acts: readonly (() => Promise<unknown>)[]): Promise<number> {
  const results = await Promise.allSettled(acts.map((act) => act()));
  return results.filter(({ status }) => status === 'fulfilled').length;
}
