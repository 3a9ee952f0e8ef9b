/** The SMTP command that a reply answers, as far as it changes the meaning of the reply. */
export type ReplyStage = 'greeting' | 'mail' | 'rcpt' | 'content';

/** The reply of a remote server. */
export interface RemoteReply {
  /** RFC 5321 4.2: 400 to 599. */
  readonly code: number;
  /** Of its text (RFC 2034); null if it has none. */
  readonly enhancedCode: string | null;
  /** `content`: the reply to DATA or to the final dot. Absent if it is unknown. */
  readonly stage?: ReplyStage | undefined;
}

/**
 * The `Status` of a recipient (RFC 3464 2.3.4). It is the server's own enhanced code if its class is that of
 * the reply code, which decides the result. Otherwise it follows from the reply code, if RFC 5321 4.2.2 or
 * the registry of RFC 5248 gives the code one meaning at its stage.
 *
 * 550, 551 and 554 have several. 550 is "not found, no access, or command rejected for policy reasons" at
 * RCPT too: with 5.1.1 a list would lose a subscriber because of a blocklist.
 */
export function statusOfReply({ code, enhancedCode, stage }: RemoteReply): string {
  const level = code < 500 ? '4' : '5';
  if (enhancedCode?.startsWith(`${level}.`) === true) return enhancedCode;
  const atStage = stage === undefined ? undefined : byStage[stage][code];
  return `${level}.${atStage ?? byCode[code] ?? '0.0'}`;
}

type Details = Readonly<Record<number, string>>;

const byCode: Details = {
  // Closing, as for maintenance or load (RFC 3463 3.4, X.3.2).
  421: '3.2',
  451: '3.0',
  // Parameters temporarily not accepted (RFC 5321 4.2.2).
  455: '5.4',
  500: '5.2',
  501: '5.4',
  502: '5.1',
  503: '5.1',
  504: '5.4',
  // The host never accepts mail (RFC 7504 2, registered with X.3.2).
  521: '3.2',
  530: '7.0',
  555: '5.4',
  // The domain accepts no mail (RFC 7504 3, RFC 7505 4.2).
  556: '1.10',
};

/** RFC 1870 6: size at MAIL and after the content, a full mailbox at RCPT. */
const tooBig = '3.4';
const noRoom = '3.1';

const byStage: Readonly<Record<ReplyStage, Details>> = {
  // "No SMTP service here" (RFC 5321 3.1).
  greeting: { 554: '3.2' },
  mail: { 452: noRoom, 552: tooBig, 553: '1.7' },
  // 452 also means too many recipients (RFC 5321 4.5.3.1.10), so it has no entry.
  rcpt: { 552: '2.2', 553: '1.3' },
  content: { 452: noRoom, 552: tooBig },
};
