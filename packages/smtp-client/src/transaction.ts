import { ChannelEnded, type Channel } from './channel.ts';
import {
  ContentError,
  writeChunks,
  writeContent,
  type Content,
  type LastOctets,
} from './content.ts';
import {
  failureOfReply,
  isMessageLimit,
  isPositive,
  isRecipientLimit,
  ownFailure,
  type Failure,
  type Stage,
} from './failure.ts';
import type { Reply } from './reply-parser.ts';

/** The result of the message for one recipient. */
export type RecipientResult =
  /** The server has taken responsibility for it (RFC 5321 6.1). */
  | {
      readonly outcome: 'accepted';
      readonly code: number;
      readonly enhancedCode: string | null;
      readonly text: string;
    }
  /** The server has not accepted it. */
  | { readonly outcome: 'refused'; readonly failure: Failure }
  /** The final dot or the last chunk was sent, and no reply says whether the server has accepted it. */
  | { readonly outcome: 'unknown'; readonly failure: Failure }
  /**
   * The server ended the connection before it saw the message, so the message is not the reason. It can be
   * sent over another connection at once.
   */
  | { readonly outcome: 'unsent'; readonly failure: Failure };

export interface Transaction {
  /** The connection has carried a message before. */
  readonly isUsed: boolean;
  /** The last transaction may be open: RSET is sent first. */
  readonly reset: boolean;
  readonly pipelining: boolean;
  /** BDAT instead of DATA. */
  readonly bdat: boolean;
  readonly mail: string;
  readonly rcpts: readonly string[];
  readonly content: Content;
  /** The message that may follow over the connection before the reply to this one has arrived. */
  readonly next?: NextMessage | undefined;
}

/** The next message for the connection of one that is being sent. */
export interface NextMessage {
  /** Whether one waits. Asked right before the last octets of the message before it are sent. */
  isWaiting(): boolean;
  /** Sends it. Commands that are sent in the same turn of the event loop leave with these octets. */
  begin(): void;
}

export interface TransactionOutcome {
  /** One for each RCPT. */
  readonly results: readonly RecipientResult[];
  /** Positions that were refused only because the server accepts no more recipients at once. */
  readonly later: readonly number[];
  /** The server has accepted the message, so that its buffers are empty (RFC 5321 4.1.1.4). */
  readonly isTaken: boolean;
  /** No other message may follow over this connection. */
  readonly isSpent: boolean;
  /** Why the connection ended during this transaction. */
  readonly ended?: Failure;
  /** The message before this one ended the connection. */
  readonly isBehind?: true;
  readonly contentError?: unknown;
}

const refused = (failure: Failure): RecipientResult => ({ outcome: 'refused', failure });

/**
 * One mail transaction (RFC 5321 3.3).
 *
 * With PIPELINING (RFC 2920), RSET, MAIL, all RCPT and DATA leave in one write, and each reply is assigned to
 * its command. Without it, each command waits for the reply to the one before. If no recipient is accepted
 * but DATA is answered with 354, a lone dot ends the message (RFC 2920 3.1).
 *
 * With BDAT, the first chunk is sent after a recipient is accepted, so that no chunk is sent without a
 * recipient.
 *
 * A reply before the final dot ends the connection, because RSET would become a part of the message.
 *
 * The commands of the next message may leave with the last octets of this one (RFC 2920 3.1): they are no
 * answer to its reply, and its transaction is over whatever the reply is.
 */
export async function transact(
  channel: Channel,
  transaction: Transaction,
): Promise<TransactionOutcome> {
  const dialogue = new Dialogue(channel, transaction);
  try {
    await dialogue.run();
    return dialogue.outcome();
  } catch (error) {
    return dialogue.failed(error);
  }
}

/** A class, because a closure for each step would be most of the allocations of a transaction. */
class Dialogue implements LastOctets {
  private readonly channel: Channel;
  private readonly transaction: Transaction;
  private readonly results: (RecipientResult | undefined)[];
  private readonly later: number[] = [];
  private readonly lines: string[];
  /** Index of the first RCPT among the lines. */
  private readonly firstRcpt: number;
  private isAnyAccepted = false;
  /** The server waits for the message. */
  private isReady = false;
  private isFinal = false;
  private isTaken = false;
  private isSpent = false;

  constructor(channel: Channel, transaction: Transaction) {
    const { reset, bdat, mail, rcpts } = transaction;
    this.channel = channel;
    this.transaction = transaction;
    this.results = rcpts.map(() => undefined);
    this.firstRcpt = reset ? 2 : 1;
    this.lines = reset ? ['RSET', mail, ...rcpts] : [mail, ...rcpts];
    if (!bdat) this.lines.push('DATA');
  }

  async run(): Promise<void> {
    const { channel } = this;
    const { pipelining, bdat } = this.transaction;
    if (pipelining) {
      const stages = this.lines.map((_line, index) => this.stageOf(index));
      channel.command(this.lines);
      await channel.replies(stages, (reply, index) => this.take(reply, index));
    } else await this.askOneByOne();
    if (this.isWanted()) {
      if (bdat || this.isReady) await this.sendContent();
    } else if (this.isReady) {
      channel.writeFinal([Buffer.from('.\r\n')]);
      await channel.reply('final_dot');
    }
  }

  outcome(): TransactionOutcome {
    const { later, isTaken, isSpent } = this;
    return { results: this.results.map((one) => one ?? lost), later, isTaken, isSpent };
  }

  failed(error: unknown): TransactionOutcome {
    if (error instanceof ContentError) {
      this.channel.end('content');
      const failure = ownFailure('content', 'content');
      this.settle(refused(failure));
      return { ...this.outcome(), ended: failure, contentError: error.cause };
    }
    if (!(error instanceof ChannelEnded)) throw error;
    const { failure } = error;
    if (error.isBehind) {
      // The message before this one ended the connection.
      this.settle({ outcome: 'unsent', failure: ownFailure('mail', 'used_up') });
      return { ...this.outcome(), isBehind: true };
    }
    // A reply after the final dot decides, also 421; without one the result is unknown.
    if (this.isFinal && !isAnswer(failure)) this.settle({ outcome: 'unknown', failure });
    else if (this.transaction.isUsed && isStale(failure))
      this.settle({ outcome: 'unsent', failure });
    else this.settle(refused(failure));
    return { ...this.outcome(), ended: failure };
  }

  before(): boolean {
    this.isFinal = true;
    // Recipients above the server's limit come first.
    return this.later.length === 0 && this.transaction.next?.isWaiting() === true;
  }

  follow(): void {
    this.transaction.next?.begin();
  }

  private stageOf(index: number): 'rset' | 'mail' | 'rcpt' | 'data' {
    const position = index - this.firstRcpt;
    if (position >= this.results.length) return 'data';
    if (position >= 0) return 'rcpt';
    return position === -1 ? 'mail' : 'rset';
  }

  /** Recipients that are already refused stay refused. */
  private settle(result: RecipientResult): void {
    for (const position of this.results.keys()) this.results[position] ??= result;
  }

  private isWanted(): boolean {
    return this.results.includes(undefined);
  }

  /** The meaning of a reply to RSET, MAIL, RCPT or DATA, in the order of the commands. */
  private take(reply: Reply, index: number): void {
    const stage = this.stageOf(index);
    if (stage === 'data') this.takeReady(reply);
    else if (stage === 'rcpt') this.takeRecipient(reply, index - this.firstRcpt);
    else if (stage === 'mail') this.takeSender(reply);
    else if (!isPositive(reply)) throw this.outOfStep(failureOfReply('rset', reply));
  }

  private takeSender(reply: Reply): void {
    if (isPositive(reply)) return;
    this.demandSense('mail', reply);
    this.isSpent = this.transaction.isUsed && isMessageLimit(reply);
    const failure = failureOfReply('mail', reply);
    this.settle(this.isSpent ? { outcome: 'unsent', failure } : refused(failure));
  }

  private takeRecipient(reply: Reply, position: number): void {
    if (isPositive(reply)) {
      this.isAnyAccepted = true;
      return;
    }
    this.demandSense('rcpt', reply);
    const failure = failureOfReply('rcpt', reply);
    const isLimit = isRecipientLimit(reply);
    this.results[position] ??= refused(isLimit ? { ...failure, permanent: false } : failure);
    if (isLimit && this.isAnyAccepted) this.later.push(position);
  }

  private takeReady(reply: Reply): void {
    this.isReady = reply.code >= 300 && reply.code <= 399;
    if (this.isReady || !this.isWanted()) return;
    this.demandSense('data', reply);
    this.settle(refused(failureOfReply('data', reply)));
  }

  /** Sends each command after the reply to the one before it, until a reply ends the transaction. */
  private async askOneByOne(): Promise<void> {
    const { results, later } = this;
    for (const [index, line] of this.lines.entries()) {
      if (index >= this.firstRcpt && !this.isWanted()) return;
      const position = index - this.firstRcpt;
      // The server accepts no more recipients at once.
      if (later.length > 0 && position < results.length) {
        results[position] = results[position - 1];
        later.push(position);
        continue;
      }
      this.channel.command([line]);
      this.take(await this.channel.reply(this.stageOf(index)), index);
    }
  }

  private async sendContent(): Promise<void> {
    const { bdat, content } = this.transaction;
    const write = bdat ? writeChunks : writeContent;
    const { stage, reply, isEarly } = await write(this.channel, content, this);
    // The server answered a message before reading it, so it would read the rest as commands.
    if (reply.code < 400 && (isEarly || !isPositive(reply))) {
      throw this.outOfStep(ownFailure(stage, 'unexpected'));
    }
    if (isPositive(reply)) {
      const { code, enhancedCode, text } = reply;
      this.isTaken = true;
      this.settle({ outcome: 'accepted', code, enhancedCode, text });
      return;
    }
    this.settle(refused(failureOfReply(stage, reply)));
    // Exim 4.96 answers 250 to the next message over the connection, and drops its text.
    this.isSpent = bdat;
    if (isEarly) throw this.outOfStep(ownFailure(stage, 'unsolicited'));
  }

  private outOfStep(failure: Failure): ChannelEnded {
    this.channel.end('unexpected');
    return new ChannelEnded(failure);
  }

  /** After a reply that is neither positive nor a refusal the state of the server is unknown. */
  private demandSense(stage: Stage, reply: Reply): void {
    if (reply.code < 400) throw this.outOfStep(failureOfReply(stage, reply));
  }
}

/**
 * The server ended the connection before it answered MAIL, so the message is not the reason. Servers do so
 * after some time or some messages (RFC 5321 3.8), often with 421, which Exim sends in clear text over TLS.
 */
export const isStale = ({ stage, reason }: Failure): boolean =>
  ['idle', 'rset', 'mail'].includes(stage) && ['closing', 'closed', 'lost', 'tls'].includes(reason);

const isAnswer = ({ code }: Failure): boolean => code !== null && code >= 400;

/** Unreachable, because every position is settled before; required for the type. */
const lost: RecipientResult = refused(ownFailure('mail', 'closed'));
