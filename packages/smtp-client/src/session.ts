import type { Capabilities } from './capabilities.ts';
import type { Channel } from './channel.ts';
import { canBePath, mailCommand, rcptCommand, unsendable, type Envelope } from './commands.ts';
import type { Content } from './content.ts';
import { ownFailure, type Failure } from './failure.ts';
import type { Security } from './security.ts';
import { isStale, transact, type NextMessage, type RecipientResult } from './transaction.ts';

/** How a session ended. */
export type SessionEnd =
  /** By `close`. */
  | { readonly how: 'closed' }
  /**
   * The server ended the connection between two messages: 421, or it closed. This is not a failure of the
   * server, except if it never accepted a message (`transactions` is 0).
   */
  | { readonly how: 'stale'; readonly failure: Failure }
  | { readonly how: 'failed'; readonly failure: Failure };

export interface SendResult {
  /** One for each recipient of the envelope, in its order. */
  readonly recipients: readonly RecipientResult[];
  /** The error of the content, if it could not be read. Then the recipients have the reason `content`. */
  readonly contentError?: unknown;
}

export interface SendOptions {
  readonly signal?: AbortSignal;
  /**
   * The next message for this session. It is begun before the reply to this message arrives, if the server
   * offers PIPELINING and answered the last message within a second.
   */
  readonly next?: NextMessage;
}

/** Behind a message to which a server replies more slowly, the next one would wait too long. Milliseconds. */
const quick = 1_000;

/** A connection to a server that is ready for messages. */
export interface Session {
  readonly capabilities: Capabilities;
  readonly security: Security;
  /** Transactions that were begun over it. */
  readonly transactions: number;
  /**
   * It is open, and another message may be sent: no message is being sent, or only the reply to one is
   * missing and the server works fast enough that the next one may be sent before it.
   */
  isUsable(): boolean;
  /** Undefined while it is open. */
  end(): SessionEnd | undefined;
  /**
   * Sends a message. Recipients above the server's limit (RFC 5321 4.5.3.1.10, RFC 9422 RCPTMAX) follow in
   * further transactions. Never rejects because of the server.
   */
  send(envelope: Envelope, content: Content, options?: SendOptions): Promise<SendResult>;
  /** QUIT (RFC 5321 4.1.1.10), or `break` if a message is being sent. Resolves when it is closed. */
  close(): Promise<void>;
  /** Ends the connection at once, also within a message. */
  break(): void;
}

export function createSession(
  channel: Channel,
  capabilities: Capabilities,
  security: Security,
  options: { readonly bdat: boolean },
): Session {
  let transactions = 0;
  /** Messages that are being sent: one, or two if one is sent behind the other. */
  let busy = 0;
  /** Nothing but the reply to the newest message is missing, and another one may be sent behind it. */
  let isFollowable = false;
  let wasQuick = false;
  let reset = false;
  let isSpent = false;
  let end: SessionEnd | undefined;
  let closing: Promise<void> | undefined;
  const { mailMax, rcptMax } = capabilities.limits;

  const takesAnother = (): boolean => !isSpent && transactions < (mailMax ?? Infinity);
  const isUsable = (): boolean =>
    (busy === 0 || isFollowable) && channel.ending('idle') === undefined && takesAnother();

  /** The next message, if it may be sent behind one that is being sent. */
  function behind(next: NextMessage | undefined): NextMessage | undefined {
    if (next === undefined || !capabilities.pipelining || options.bdat || !wasQuick)
      return undefined;
    return {
      isWaiting: () => takesAnother() && next.isWaiting(),
      begin() {
        isFollowable = true;
        // The last octets close the transaction.
        reset = false;
        next.begin();
      },
    };
  }

  function currentEnd(): SessionEnd | undefined {
    // While a message is sent, its own failure is more precise than the end of the connection.
    const idle = busy > 0 ? undefined : channel.ending('idle');
    if (end === undefined && idle !== undefined) end = endOf(idle);
    return end;
  }

  const endOf = (failure: Failure): SessionEnd => ({
    how: isStale(failure) && (failure.stage === 'idle' || transactions > 1) ? 'stale' : 'failed',
    failure,
  });

  async function send(
    envelope: Envelope,
    content: Content,
    next: NextMessage | undefined,
  ): Promise<SendResult> {
    const { recipients } = envelope;
    const failure = unsendable(envelope, capabilities, security.tls && security.isAuthorized);
    if (failure !== undefined) {
      return { recipients: recipients.map(() => ({ outcome: 'refused', failure })) };
    }
    const results: RecipientResult[] = recipients.map(({ address }) =>
      address !== '' && canBePath(address)
        ? { outcome: 'unsent', failure: ownFailure('mail', 'used_up') }
        : { outcome: 'refused', failure: ownFailure('rcpt', 'bad_address') },
    );
    const mail = mailCommand(envelope, capabilities);
    /** Positions of the recipients without a transaction. */
    let waiting: number[] = [];
    for (const [position, { outcome }] of results.entries())
      if (outcome === 'unsent') waiting.push(position);
    while (waiting.length > 0 && takesAnother()) {
      const positions = waiting.slice(0, rcptMax ?? waiting.length);
      waiting = waiting.slice(positions.length);
      transactions += 1;
      const nth = transactions;
      const began = performance.now();
      const done = await transact(channel, {
        isUsed: transactions > 1,
        reset,
        pipelining: capabilities.pipelining,
        bdat: options.bdat && capabilities.chunking,
        mail,
        rcpts: positions.map((position) =>
          rcptCommand(recipients[position] ?? { address: '' }, capabilities),
        ),
        content,
        next: waiting.length === 0 ? next : undefined,
      });
      wasQuick = done.isTaken && performance.now() - began < quick;
      // Else the next message has begun, and may have ended already.
      if (nth === transactions) {
        reset = !done.isTaken;
        isSpent = done.isSpent;
      }
      for (const [at, position] of positions.entries()) {
        const result = done.results[at];
        if (result !== undefined) results[position] = result;
      }
      if (done.ended !== undefined) {
        end ??= endOf(done.ended);
        const { ended, contentError } = done;
        const outcome = end.how === 'stale' ? 'unsent' : 'refused';
        for (const position of waiting) results[position] = { outcome, failure: ended };
        return contentError === undefined
          ? { recipients: results }
          : { recipients: results, contentError };
      }
      // Each transaction accepts at least one recipient before others follow it, so the loop ends.
      if (done.isTaken) waiting = [...done.later.map((at) => positions[at] ?? 0), ...waiting];
    }
    return { recipients: results };
  }

  return {
    capabilities,
    security,
    get transactions() {
      return transactions;
    },
    isUsable,
    end: currentEnd,
    async send(envelope, content, { signal, next } = {}) {
      if (busy > 0 && !isFollowable) throw new Error('A message is being sent over this session');
      const idle = channel.ending('idle');
      if (idle !== undefined) {
        return {
          recipients: envelope.recipients.map(() => ({ outcome: 'unsent', failure: idle })),
        };
      }
      busy += 1;
      isFollowable = false;
      const endAttempt = channel.beginAttempt(signal);
      try {
        return await send(envelope, content, behind(next));
      } finally {
        endAttempt();
        busy -= 1;
      }
    },
    close() {
      if (busy > 0) channel.end('aborted');
      else if (currentEnd() === undefined) end = { how: 'closed' };
      closing ??= channel.quit();
      return closing;
    },
    break() {
      channel.end('aborted');
    },
  };
}
