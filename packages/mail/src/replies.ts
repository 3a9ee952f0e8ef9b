import type { ReplyClass } from '@mysmtp/contracts';

/**
 * A reply of ours: code (RFC 5321 4.2), enhanced code (RFC 3463, RFC 5248) and a text that never
 * repeats what the client sent.
 */
export interface Reply {
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
  /** Its name in metrics, if it is not one of `replies`. */
  readonly reason?: string;
}

const reply = (code: number, enhanced: string, text: string): Reply => ({ code, enhanced, text });

/** The same replies for the same reasons on every way in. */
export const replies = {
  // Who may send.
  badCredentials: reply(535, '5.7.8', 'Authentication credentials invalid'),
  authUnavailable: reply(454, '4.7.0', 'Authentication is not possible right now, try again'),
  authThrottled: reply(454, '4.7.0', 'Too many failed authentications, try again later'),
  authRequired: reply(530, '5.7.0', 'Authentication required'),
  tooManyAuthFailures: reply(421, '4.7.0', 'Too many failed authentications, closing connection'),
  credentialRevoked: reply(550, '5.7.1', 'This credential is not valid any more'),
  accountSuspended: reply(
    525,
    '5.7.13',
    'An operator has suspended this account, its owner can read why',
  ),
  accountRestricted: reply(525, '5.7.13', 'An operator has restricted the use of this account'),
  credentialSuspended: reply(525, '5.7.13', 'An operator has suspended this credential'),
  credentialExpired: reply(421, '4.7.0', 'This credential has expired, closing connection'),
  clientNotAdmitted: reply(535, '5.7.1', 'This credential may not be used from this network'),
  clientNotAdmittedAnyMore: reply(
    550,
    '5.7.1',
    'This credential may not be used from this network any more',
  ),
  senderNotPinned: reply(550, '5.7.1', 'This credential may not send from this address'),
  fromNotPinned: reply(550, '5.7.1', 'This credential may not send with this address in From:'),
  networkUnknown: reply(554, '5.7.1', 'This network may not submit mail here'),
  networkUnavailable: reply(421, '4.3.0', 'Networks cannot be checked right now, try again'),
  senderNotAllowed: reply(550, '5.7.1', 'The sender address is not of a domain of this account'),
  senderNotVerified: reply(550, '5.7.1', 'The domain of the sender address is not verified in DNS'),
  fromNotVerified: reply(550, '5.7.1', 'The domain of the From: header is not verified in DNS'),
  fromNotAllowed: reply(550, '5.7.1', 'The From: header is not of a domain of this account'),
  fromNotSingle: reply(550, '5.7.1', 'The message must have exactly one From: header'),

  // Addresses and parameters.
  badAddress: reply(553, '5.1.3', 'The address has characters that are not allowed'),
  noDomain: reply(553, '5.1.3', 'The address has no domain'),
  localPartTooLong: reply(553, '5.1.3', 'The local part is longer than 64 octets'),
  addressTooLong: reply(553, '5.1.3', 'The address is longer than 254 octets'),
  needsSmtputf8: reply(553, '5.6.7', 'A non-ASCII address needs the SMTPUTF8 parameter'),
  parameterUnknown: reply(555, '5.5.4', 'A parameter of the command is not supported'),
  tooManyRecipients: reply(452, '4.5.3', 'Too many recipients'),

  // The message.
  tooBig: reply(552, '5.3.4', 'The message exceeds the maximum size'),
  bareCr: reply(554, '5.6.0', 'The message has a CR without LF'),
  bareLf: reply(554, '5.6.0', 'The message has an LF without CR'),
  nul: reply(554, '5.6.0', 'The message has a NUL octet'),
  lineTooLong: reply(554, '5.6.0', 'The message has a line longer than 998 octets'),
  headerTooBig: reply(554, '5.6.0', 'The header of the message is too big'),
  headerMalformed: reply(554, '5.6.0', 'The header of the message is malformed'),
  headerLineTooLong: reply(
    554,
    '5.6.0',
    'A header line is longer than 998 octets and has no space',
  ),
  headerTwice: reply(
    554,
    '5.6.0',
    'The message has more than one Date, Subject or other header of which one is allowed',
  ),
  headerNeedsSmtputf8: reply(
    554,
    '5.6.7',
    'A non-ASCII address in the header needs the SMTPUTF8 parameter',
  ),
  headerNotEncodable: reply(
    554,
    '5.6.0',
    'A header with non-ASCII characters has a syntax error, so it cannot be encoded',
  ),
  signedHeaderNotAscii: reply(
    554,
    '5.6.7',
    'A signed non-ASCII header must be encoded before it is signed, or sent with SMTPUTF8',
  ),
  tagsInvalid: reply(
    554,
    '5.6.0',
    'X-MySMTP-Tag must have 1 to 5 tags of 1 to 64 letters, digits, dots, underscores or hyphens',
  ),
  unsubscribeInvalid: reply(
    554,
    '5.6.0',
    'X-MySMTP-Unsubscribe must be one-click, in mail with one recipient, from a domain signed by this server, without List-Unsubscribe',
  ),
  loop: reply(554, '5.4.6', 'The message has passed too many servers, there is a routing loop'),

  // Us.
  unavailable: reply(451, '4.3.0', 'The message cannot be taken right now, try again'),
  /** A person is being erased: for seconds nothing is accepted for or from it. */
  personUnavailable: reply(451, '4.3.2', 'The message cannot be taken right now, try again'),
  connectionLimit: reply(421, '4.7.0', 'Too many connections, try again later'),
  tenantConnectionLimit: reply(421, '4.7.0', 'Too many connections of this account'),
  messageLimit: reply(421, '4.7.0', 'Too many messages on this connection, open another one'),
  authTimeLimit: reply(421, '4.7.0', 'No authentication within the time limit, closing connection'),
  tooSlow: reply(421, '4.4.2', 'Timeout, closing connection'),
  stopping: reply(421, '4.3.2', 'The service is stopping, closing connection'),
} as const satisfies Record<string, Reply>;

/** Whether a failed command may succeed later (4yz) or not (5yz), RFC 5321 4.2.1. */
export function classify(code: number): 'transient' | 'permanent' {
  return code >= 500 && code <= 599 ? 'permanent' : 'transient';
}

/**
 * The code at the start of a server's reply; `null` if the text is no reply. Whatever follows the code
 * is text (RFC 5321 4.2), but no fourth digit.
 */
export function replyCode(text: string): number | null {
  const code = /^[2-5]\d\d(?!\d)/.exec(text)?.[0];
  return code === undefined ? null : Number(code);
}

const classes: Readonly<Record<number, ReplyClass>> = { 2: '2xx', 4: '4xx', 5: '5xx' };

/** The class of a server's reply (RFC 5321 4.2.1); `none` if the text is no final reply. */
export function replyClassOf(text: string): ReplyClass {
  const code = replyCode(text);
  return code === null ? 'none' : (classes[Math.floor(code / 100)] ?? 'none');
}

/** The enhanced code at the start of a reply, with or without the reply code before it. */
export function parseEnhancedCode(text: string): string | null {
  return /^(?:[2-5]\d\d[ -])?([245]\.\d{1,3}\.\d{1,3})(?=\s|$)/.exec(text)?.[1] ?? null;
}
