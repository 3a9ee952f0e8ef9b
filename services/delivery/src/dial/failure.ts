import type { SessionFailure } from '@mysmtp/smtp-client';

/**
 * Why no session could be had, in words for the usage log: the server's own if it spoke, else ours,
 * which name no host and no address.
 */
export interface DialFailure {
  readonly text: string;
  /** RFC 3463; its class says the same as `permanent`. */
  readonly enhancedCode: string;
  /** Every host of the site refuses all mail for good (521, RFC 7504), or there can be none. */
  readonly permanent: boolean;
}

/** What a dial has shown before it gave up. */
export interface Findings {
  /** One for each address that was tried, in order. */
  readonly failures: readonly SessionFailure[];
  /** Nothing was left to try. */
  readonly isComplete: boolean;
  /** DNS failed for a host. */
  readonly isDnsFailed: boolean;
  /** There are addresses that may not be dialled. */
  readonly isRefused: boolean;
  /** The operator named the host: mail of everybody must not bounce because a name is wrong. */
  readonly smarthost: boolean;
}

/** The last failure of a session, else the first one to connect, else why there was no address. */
export function failureOf(findings: Findings): DialFailure {
  const { failures, isComplete, isDnsFailed, smarthost } = findings;
  const shown = failures.findLast(isConnected) ?? failures[0];
  const { text, enhancedCode } = shown === undefined ? withoutAddress(findings) : reasonOf(shown);
  const permanent = isComplete && !isDnsFailed && !smarthost && failures.every(refusesAllMail);
  return { text, enhancedCode: `${permanent ? '5' : '4'}${enhancedCode.slice(1)}`, permanent };
}

export const isConnected = ({ failure }: SessionFailure): boolean => failure.stage !== 'connect';

/** RFC 7504: the host takes no mail from anybody. 554 may be about us, or about this moment. */
export const refusesAllMail = ({ failure }: SessionFailure): boolean =>
  failure.stage === 'greeting' && failure.code === 521;

type Reason = Pick<DialFailure, 'text' | 'enhancedCode'>;

function reasonOf(shown: SessionFailure): Reason {
  const { stage, enhancedCode, text } = shown.failure;
  if (stage === 'connect') return { text: connectText(shown), enhancedCode: '4.4.1' };
  // RFC 3463 X.3.2: the system is not accepting network messages.
  return { text, enhancedCode: enhancedCode ?? '4.3.2' };
}

/** RFC 3463: X.4.3 is a failure of DNS, X.4.4 a host without a way to it. X.4.6 is for loops only. */
function withoutAddress({ isComplete, isDnsFailed, isRefused }: Findings): Reason {
  if (!isComplete) return { text: 'No connection in time', enhancedCode: '4.4.1' };
  if (isDnsFailed) return { text: 'DNS did not answer for the mail server', enhancedCode: '4.4.3' };
  const which = isRefused ? ' that can be used' : '';
  return { text: `The mail server has no address${which}`, enhancedCode: '5.4.4' };
}

function connectText({ failure, cause }: SessionFailure): string {
  if (failure.reason === 'timeout') return 'No connection: timed out';
  const { code = '' } = (cause ?? {}) as NodeJS.ErrnoException;
  return `No connection: ${reasons[code] ?? 'failed'}`;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'timed out',
  EMFILE: 'out of sockets on our side',
};
