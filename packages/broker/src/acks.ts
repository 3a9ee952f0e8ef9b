import { pauseAfter } from './pause.ts';

export interface Acks {
  /** The message is settled; said within a moment. */
  ack(tag: number): void;
  /** The message is settled otherwise. */
  forget(tag: number): void;
  /** Says now what is waiting. */
  flush(): void;
}

/** What ends behind a message that is under way waits so long for it. Milliseconds. */
const patience = 5;

/**
 * Acks of one channel, as few as say the same. RabbitMQ writes every ack of a quorum queue into its
 * log, and one for a run of messages costs no more than one for a single message. So an ack is said at
 * once if none was said a moment ago (`pauseAfter`), else with those that come until then. A message
 * that is still under way ends the run: what is done behind it waits once more and is then acked alone.
 */
export function createAcks(send: (tag: number, allUpTo: boolean) => void): Acks {
  /** The first tag that nothing is known of; the tags of a channel count from 1. */
  let first = 1;
  /** Done and not said yet; true for those that have waited once. */
  const done = new Map<number, boolean>();
  /** Settled, each for itself. */
  const settled = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  /** Not earlier than this the next acks are said; by the clock of `performance`. */
  let nextAt = Number.NEGATIVE_INFINITY;

  function sendRun(): void {
    let end: number | undefined;
    for (; done.has(first) || settled.has(first); first += 1) {
      if (done.delete(first)) end = first;
      settled.delete(first);
    }
    if (end !== undefined) send(end, true);
  }

  function sendAlone(tag: number): void {
    done.delete(tag);
    settled.add(tag);
    send(tag, false);
  }

  function onTimer(): void {
    timer = undefined;
    const pause = pauseAfter(done.size);
    nextAt = performance.now() + pause;
    sendRun();
    for (const [tag, hasWaited] of done) {
      if (hasWaited) sendAlone(tag);
      else done.set(tag, true);
    }
    if (done.size > 0) timer = setTimeout(onTimer, Math.max(patience, pause));
  }

  return {
    ack(tag) {
      done.set(tag, false);
      timer ??= setTimeout(onTimer, Math.max(0, nextAt - performance.now()));
    },
    forget: (tag) => void settled.add(tag),
    flush() {
      clearTimeout(timer);
      timer = undefined;
      sendRun();
      for (const tag of done.keys()) sendAlone(tag);
    },
  };
}
