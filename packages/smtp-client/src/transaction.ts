import { ChannelEnded, type Channel } from './channel.ts';
import { ContentError, writeChunks, writeContent, type Content } from './content.ts';
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

/** What came of the message for one recipient. */
export type RecipientResult =
  /** The server has taken responsibility for it (RFC 5321 6.1). */
  | {
      readonly outcome: 'accepted';
      readonly code: number;
      readonly enhancedCode: string | null;
      readonly text: string;
    }
  /** The server has not taken it. */
  | { readonly outcome: 'refused'; readonly failure: Failure }
  /** The final dot or the last chunk was sent, and no reply says whether the server has taken it. */
  | { readonly outcome: 'unknown'; readonly failure: Failure }
  /**
   * The server was done with the connection before it saw the message, which is not at fault. It can be
   * sent over another connection at once.
   */
  | { readonly outcome: 'unsent'; readonly failure: Failure };

export interface Transaction {
  /** The connection has carried a message before. */
  readonly isUsed: boolean;
  /** The last transaction may be open: RSET goes first. */
  readonly reset: boolean;
  readonly pipelining: boolean;
  /** BDAT in the place of DATA. */
  readonly bdat: boolean;
  readonly mail: string;
  readonly rcpts: readonly string[];
  readonly content: Content;
}

export interface TransactionOutcome {
  /** One for each RCPT. */
  readonly results: readonly RecipientResult[];
  /** Places that were refused only because the server takes no more recipients at once. */
  readonly later: readonly number[];
  /** The server has taken the message, so that its buffers are empty (RFC 5321 4.1.1.4). */
  readonly isTaken: boolean;
  /** No other message may follow over this connection. */
  readonly isSpent: boolean;
  /** Why the connection ended. */
  readonly ended?: Failure;
  readonly contentError?: unknown;
}

/** `place`: of the recipient; -1 is MAIL, and -2 is RSET before it. */
function stageOf(place: number, recipients: number): 'rset' | 'mail' | 'rcpt' | 'data' {
  if (place >= recipients) return 'data';
  if (place >= 0) return 'rcpt';
  return place === -1 ? 'mail' : 'rset';
}

const refused = (failure: Failure): RecipientResult => ({ outcome: 'refused', failure });

/**
 * One mail transaction (RFC 5321 3.3).
 *
 * With PIPELINING (RFC 2920), RSET, MAIL, all RCPT and DATA leave in one write, and each reply is read
 * for its command. Without, each command waits for the reply to the one before. If no recipient is
 * accepted and DATA is answered 354 all the same, a lone dot ends the message (RFC 2920 3.1).
 *
 * With BDAT, the first chunk follows when a recipient is accepted, so that none is sent for nobody.
 *
 * A reply before the final dot ends the connection: RSET would become a part of the message.
 */
export async function transact(
  channel: Channel,
  transaction: Transaction,
): Promise<TransactionOutcome> {
  const { isUsed, reset, pipelining, bdat, mail, rcpts, content } = transaction;
  const results: (RecipientResult | undefined)[] = rcpts.map(() => undefined);
  const later: number[] = [];
  let isAnyAccepted = false;
  /** The server waits for the message. */
  let isReady = false;
  let isFinal = false;
  let isTaken = false;
  let isSpent = false;
  const firstRcpt = reset ? 2 : 1;
  const lines = [...(reset ? ['RSET'] : []), mail, ...rcpts, ...(bdat ? [] : ['DATA'])];
  const stages = lines.map((_line, index) => stageOf(index - firstRcpt, rcpts.length));

  /** Recipients that are refused already stay so. */
  function settle(result: RecipientResult): void {
    for (const place of results.keys()) results[place] ??= result;
  }

  /** What a reply to MAIL, RCPT or DATA means, in the order of the commands. */
  function take(reply: Reply, index: number): void {
    const place = index - firstRcpt;
    if (place >= rcpts.length) takeReady(reply);
    else if (place >= 0) takeRecipient(reply, place);
    else if (place === -1) takeSender(reply);
    else if (!isPositive(reply)) throw outOfStep(failureOfReply('rset', reply));
  }

  function takeSender(reply: Reply): void {
    if (isPositive(reply)) return;
    demandSense('mail', reply);
    isSpent = isUsed && isMessageLimit(reply);
    const failure = failureOfReply('mail', reply);
    settle(isSpent ? { outcome: 'unsent', failure } : refused(failure));
  }

  function takeRecipient(reply: Reply, place: number): void {
    if (isPositive(reply)) {
      isAnyAccepted = true;
      return;
    }
    demandSense('rcpt', reply);
    const failure = failureOfReply('rcpt', reply);
    const isLimit = isRecipientLimit(reply);
    results[place] ??= refused(isLimit ? { ...failure, permanent: false } : failure);
    if (isLimit && isAnyAccepted) later.push(place);
  }

  function takeReady(reply: Reply): void {
    isReady = reply.code >= 300 && reply.code <= 399;
    if (isReady || !isWanted()) return;
    demandSense('data', reply);
    settle(refused(failureOfReply('data', reply)));
  }

  const isWanted = (): boolean => results.includes(undefined);

  /** Each command after the reply to the one before it, as far as that one leaves something to ask. */
  async function askOneByOne(): Promise<void> {
    for (const [index, line] of lines.entries()) {
      if (index >= firstRcpt && !isWanted()) return;
      const place = index - firstRcpt;
      // The server takes no more recipients at once.
      if (later.length > 0 && place < rcpts.length) {
        results[place] = results[place - 1];
        later.push(place);
        continue;
      }
      channel.command([line]);
      take(await channel.reply(stages[index] ?? 'data'), index);
    }
  }

  async function sendContent(): Promise<void> {
    const write = bdat ? writeChunks : writeContent;
    const { stage, reply, isEarly } = await write(channel, content, () => (isFinal = true));
    // An answer to a message that it has not read yet, and what it reads next as commands is the rest.
    if (reply.code < 400 && (isEarly || !isPositive(reply))) {
      throw outOfStep(ownFailure(stage, 'unexpected'));
    }
    if (isPositive(reply)) {
      const { code, enhancedCode, text } = reply;
      isTaken = true;
      settle({ outcome: 'accepted', code, enhancedCode, text });
      return;
    }
    settle(refused(failureOfReply(stage, reply)));
    // Exim 4.96 answers 250 to the next message over the connection, and drops its text.
    isSpent = bdat;
    if (isEarly) throw outOfStep(ownFailure(stage, 'unsolicited'));
  }

  function outOfStep(failure: Failure): ChannelEnded {
    channel.end('unexpected');
    return new ChannelEnded(failure);
  }

  /** A reply that is neither positive nor a refusal leaves nothing known of what the server expects. */
  function demandSense(stage: Stage, reply: Reply): void {
    if (reply.code < 400) throw outOfStep(failureOfReply(stage, reply));
  }

  async function run(): Promise<void> {
    if (pipelining) {
      channel.command(lines);
      await channel.replies(stages, take);
    } else await askOneByOne();
    if (isWanted()) {
      if (bdat || isReady) await sendContent();
    } else if (isReady) {
      channel.writeFinal([Buffer.from('.\r\n')]);
      await channel.reply('final_dot');
    }
  }

  try {
    await run();
  } catch (error) {
    if (error instanceof ContentError) {
      channel.end('content');
      const failure = ownFailure('content', 'content');
      settle(refused(failure));
      return { ...outcome(), ended: failure, contentError: error.cause };
    }
    if (!(error instanceof ChannelEnded)) throw error;
    const { failure } = error;
    // A reply after the final dot decides, 421 too; without one nobody knows.
    if (isFinal && !isAnswer(failure)) settle({ outcome: 'unknown', failure });
    else settle(isUsed && isStale(failure) ? { outcome: 'unsent', failure } : refused(failure));
    return { ...outcome(), ended: failure };
  }
  return outcome();

  function outcome() {
    return { results: results.map((one) => one ?? lost), later, isTaken, isSpent };
  }
}

/**
 * The server ended the connection before it answered MAIL: it was done with the connection, not with the
 * message. Servers do so after some time or some messages (RFC 5321 3.8), often with 421, which Exim says
 * in clear over TLS.
 */
export const isStale = ({ stage, reason }: Failure): boolean =>
  ['idle', 'rset', 'mail'].includes(stage) && ['closing', 'closed', 'lost', 'tls'].includes(reason);

const isAnswer = ({ code }: Failure): boolean => code !== null && code >= 400;

/** Every place is settled before; this keeps the type honest. */
const lost: RecipientResult = refused(ownFailure('mail', 'closed'));
