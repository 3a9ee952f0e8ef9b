import type { SessionFailure } from '@mysmtp/smtp-client';

/**
 * Why no session could be opened, as text for the usage log. It is the server's reply if there is one, else
 * our own text, which contains no host and no address.
 */
export interface DialFailure {
  readonly text: string;
  /** RFC 3463; its class agrees with `permanent`. */
  readonly enhancedCode: string;
  /** Every host of the site refuses all mail permanently (521, RFC 7504), or no host has an address. */
  readonly permanent: boolean;
}

/** What a dial found before it gave up. */
export interface Findings {
  /** One for each address that was tried, in order. */
  readonly failures: readonly SessionFailure[];
  /** All addresses were tried. */
  readonly isComplete: boolean;
  /** DNS failed for a host. */
  readonly isDnsFailed: boolean;
  /** There are addresses that may not be dialled. */
  readonly isRefused: boolean;
  /** The operator configured the host. A wrong name must not bounce all mail. */
  readonly smarthost: boolean;
}

/** The last failure of a session, else the first failure to connect, else the reason for no address. */
export function failureOf(findings: Findings): DialFailure {
  const { failures, isComplete, isDnsFailed, smarthost } = findings;
  const shown = failures.findLast(isConnected) ?? failures[0];
  const { text, enhancedCode } = shown === undefined ? withoutAddress(findings) : reasonOf(shown);
  const permanent = isComplete && !isDnsFailed && !smarthost && failures.every(refusesAllMail);
  return { text, enhancedCode: `${permanent ? '5' : '4'}${enhancedCode.slice(1)}`, permanent };
}

export const isConnected = ({ failure }: SessionFailure): boolean => failure.stage !== 'connect';

/** RFC 7504: the host accepts no mail at all. 554 may concern only us, or be temporary. */
export const refusesAllMail = ({ failure }: SessionFailure): boolean =>
  failure.stage === 'greeting' && failure.code === 521;

type Reason = Pick<DialFailure, 'text' | 'enhancedCode'>;

function reasonOf(shown: SessionFailure): Reason {
  const { stage, enhancedCode, text } = shown.failure;
  if (stage === 'connect') return { text: connectText(shown), enhancedCode: '4.4.1' };
  // RFC 3463 X.3.2: the system is not accepting network messages.
  return { text, enhancedCode: enhancedCode ?? '4.3.2' };
}

/** RFC 3463: X.4.3 is a failure of DNS, X.4.4 a host that cannot be routed to. X.4.6 is for loops only. */
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
