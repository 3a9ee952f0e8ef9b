import type { WireOutcome } from '@mysmtp/contracts';
import type { ReplyStage } from '@mysmtp/mail';
import type { Failure, RecipientResult, Security, Stage } from '@mysmtp/smtp-client';
import type { NoRoute } from '../routing/site.ts';

/** The meaning of an attempt for one recipient. */
export interface Classification {
  readonly kind: 'delivered' | 'transient' | 'permanent';
  /**
   * The server's reply unchanged, or our own text. Our own text does not begin with a code, except if the
   * recipient is suppressed.
   */
  readonly text: string;
  readonly enhancedCode: string | null;
  /** The command that the server refused, if it refused one. */
  readonly stage?: ReplyStage;
  /** The server may have accepted the message; the reply is missing. */
  readonly isUnknown: boolean;
}

export function classify(result: RecipientResult, security: Security): Classification {
  if (result.outcome === 'accepted') {
    const { text, enhancedCode } = result;
    return { kind: 'delivered', text, enhancedCode, isUnknown: false };
  }
  const { failure } = result;
  const { text, enhancedCode } = failure;
  const isPermanent = failure.permanent && !wantsTls(failure, security);
  const stage = stageOf[failure.stage];
  return {
    ...(stage !== undefined && { stage }),
    kind: isPermanent ? 'permanent' : 'transient',
    text,
    enhancedCode,
    isUnknown: result.outcome === 'unknown',
  };
}

const stageOf: Partial<Record<Stage, ReplyStage>> = {
  mail: 'mail',
  rcpt: 'rcpt',
  data: 'content',
  content: 'content',
  final_dot: 'content',
};

/**
 * The session is in clear only because TLS failed, and the server refuses for this reason ("530 5.7.0
 * Must issue STARTTLS first", RFC 3207 4). The next session may have TLS.
 */
function wantsTls({ stage, code, enhancedCode }: Failure, security: Security): boolean {
  if (security.tls || security.because !== 'tls_failed' || stage !== 'mail') return false;
  return code === 530 || enhancedCode?.startsWith('5.7.') === true;
}

/** The message cannot be recoded for a server without 8BITMIME (RFC 3463 X.6.3). */
export const notRecoded = (text: string): RecipientResult => ({
  outcome: 'refused',
  failure: {
    stage: 'mail',
    reason: 'not_offered',
    code: null,
    enhancedCode: '5.6.3',
    text,
    permanent: true,
  },
});

/** RFC 3463 X.1.8: bad sender's system address. */
export const domainRemoved: Classification = {
  kind: 'permanent',
  text: 'The domain of the sender was removed from its account',
  enhancedCode: '5.1.8',
  isUnknown: false,
};

export const classifyNoRoute = ({ kind, enhancedCode, text }: NoRoute): Classification => ({
  kind,
  enhancedCode,
  text,
  isUnknown: false,
});

/**
 * Counts the outcomes of transactions that ended after a fence. `finished`: the server answered for the
 * recipient. `unknown`: the connection ended after the final dot without a reply. If the connection broke
 * earlier or nothing was sent, nothing was delivered and neither is counted.
 */
export function addOutcomes(counted: WireOutcome, results: readonly RecipientResult[]): void {
  for (const result of results) {
    if (result.outcome === 'unknown') counted.unknown += 1;
    else if (result.outcome === 'accepted') counted.finished += 1;
    else if (result.outcome === 'refused' && result.failure.code !== null) counted.finished += 1;
  }
}
