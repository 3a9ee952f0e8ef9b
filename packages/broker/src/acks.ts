import { pauseAfter } from './pause.ts';

export interface Acks {
  /** The message is settled with an ack, which is sent within a moment. */
  ack(tag: number): void;
  /** The message is settled without an ack. */
  forget(tag: number): void;
  /** Sends all pending acks now. */
  flush(): void;
}

/** How long an ack behind an unfinished message may be delayed. Milliseconds. */
const patience = 5;

/**
 * Batches the acks of one channel. RabbitMQ writes every ack of a quorum queue into its log, and one ack for
 * a run of messages costs no more than one for a single message. So an ack is sent at once if none was sent
 * recently (`pauseAfter`), else together with those that follow until then. An unfinished message ends the
 * run: acks behind it are delayed once more and then sent one by one.
 */
export function createAcks(send: (tag: number, allUpTo: boolean) => void): Acks {
  /** The first tag that is not settled. The tags of a channel count from 1. */
  let first = 1;
  /** Acks that are not sent yet; true if an ack was already delayed once. */
  const done = new Map<number, boolean>();
  /** Settled one by one. */
  const settled = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  /** The next acks are not sent earlier than this, by the clock of `performance`. */
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
