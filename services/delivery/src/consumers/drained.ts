import { randomUUID } from 'node:crypto';
import type { Consumer } from '@mysmtp/broker';
import type { Clock } from '@mysmtp/service';
import type { Recent } from './recent.ts';
import type { WindowNote, WindowNoteModel } from './window-note.ts';

/** The queue at a moment when nothing waited in it. */
export interface EmptySight {
  readonly at: number;
  readonly consumers: number;
}

const minute = 60_000;
const day = 1_440 * minute;

/** Mail of this age is old: far more than any submission takes, far less than a key lives. */
export const oldAfter = day;

/** More than clocks differ, and more than a message may be on its way to a process that is alive. */
const around = 5 * minute;

/** How long a sight is of use: the notes that prove it come within `around` and a look or two. */
const sightLife = 3 * around;

/**
 * Up to which moment of acceptance all mail has left the broker. What has not left it waits in the
 * queue, is on its way to a process or in the window of one, and may go back and forth between them.
 * The broker tells how many messages wait and how many consumers it has, not what those hold. So
 * each process notes down since when it has taken from the queue without a break and held nothing
 * old. Where nothing waited at a moment, and as many processes as there were consumers held nothing
 * old before and after it, no old mail was with the broker at that moment. Nor does any come later:
 * ingress takes minutes from acceptance to publishing, not a day. So this stays true once known.
 */
export function provenBy(sights: readonly EmptySight[], notes: readonly WindowNote[]): number {
  const proven = sights.filter(({ at, consumers }) => {
    const young = notes.filter(({ from, to }) => from <= at - around && at + around <= to);
    // A queue without consumers says nothing: what they held may be on its way back to it.
    return consumers > 0 && young.length >= consumers;
  });
  return Math.max(0, ...proven.map(({ at }) => at - oldAfter));
}

/** A job: looks at the queue, notes down what this process holds of it, and concludes. */
export function lookIntoQueue(means: {
  windows: WindowNoteModel;
  queue: Pick<Consumer, 'isUp' | 'queueState'>;
  recent: Pick<Recent, 'youngSince'>;
  clock: Clock;
}): () => Promise<void> {
  const { windows, queue, recent, clock } = means;
  const process = randomUUID();
  let sights: EmptySight[] = [];

  return async () => {
    // Whoever takes nothing has nothing to note.
    if (!queue.isUp()) return;
    const { waiting, consumers } = await queue.queueState();
    const now = clock.now();
    sights = sights.filter(({ at }) => at > now - sightLife);
    if (waiting === 0) sights.push({ at: now, consumers });

    // What is proven outlives its process, but not by long: the others prove it again.
    await windows.deleteMany({ to: { $lt: now - day } });
    const note = { from: recent.youngSince(), to: now };
    await windows.updateOne({ _id: process }, note, { upsert: true });
    const drainedUntil = provenBy(sights, await windows.find().lean());
    await windows.updateOne({ _id: process }, { $max: { drainedUntil } });
  };
}

/** Whether no mail of this UTC day, or of one before it, can be with the broker any more. */
export async function hasLeftBroker(windows: WindowNoteModel, text: string): Promise<boolean> {
  return (await windows.exists({ drainedUntil: { $gte: Date.parse(text) + day } })) !== null;
}
