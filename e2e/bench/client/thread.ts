import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { bodyOf, messageWith } from './message.ts';
import type { Moments } from './moments.ts';
import { now, openSession, type Session, type Submitter } from './session.ts';

/** The task of the thread. */
export interface Task {
  readonly submitter: Submitter;
  readonly messages: number;
  readonly octets: number;
  readonly sessions: number;
  /**
   * Messages per second that are due, at a fixed distance, whether the system has answered or not (open loop).
   * Without it each session sends its next message after the 250 of the last one.
   */
  readonly rate?: number | undefined;
  /** Where the moments of each message are written. */
  readonly moments?: Moments | undefined;
}

const { submitter, messages, octets, sessions, rate, moments } = workerData as Task;
const body = bodyOf(octets);
const opened = await Promise.all(
  Array.from({ length: Math.min(sessions, messages) }, () => openSession(submitter)),
);

let next = 0;
const began = now();
await Promise.all(opened.map(submitInTurn));
await Promise.all(opened.map((session) => session.quit()));

/**
 * Takes the next message that no session has taken. If all sessions wait for replies when a message is due, it
 * is late; its delay is in the figures because its moment `due` does not move.
 */
async function submitInTurn(session: Session): Promise<void> {
  for (let number = next++; number < messages; number = next++) {
    if (rate !== undefined) {
      const due = began + (number * 1_000) / rate;
      if (moments !== undefined) moments.due[number] = due;
      // A timer may end up to a millisecond early.
      while (now() < due) await sleep(Math.ceil(due - now()));
    }
    const sent = await session.send(messageWith(number, submitter, body));
    if (moments === undefined) continue;
    moments.lastOctet[number] = sent.lastOctet;
    moments.reply[number] = sent.reply;
  }
}
