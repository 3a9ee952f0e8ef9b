import type { Reply } from './reply-parser.ts';

/** The capabilities in the server's answer to EHLO. */
export interface Capabilities {
  /** RFC 3207 */
  readonly startTls: boolean;
  /** RFC 2920 */
  readonly pipelining: boolean;
  /** RFC 6152 */
  readonly eightBitMime: boolean;
  /** RFC 6531 */
  readonly smtpUtf8: boolean;
  /** RFC 2034 */
  readonly enhancedStatusCodes: boolean;
  /** RFC 3461 */
  readonly dsn: boolean;
  /** RFC 8689 */
  readonly requireTls: boolean;
  /** BDAT, RFC 3030 */
  readonly chunking: boolean;
  /** RFC 1870: whether MAIL may have the parameter SIZE. */
  readonly size: boolean;
  /** The largest message in octets; null if the server states none. */
  readonly maxSize: number | null;
  readonly limits: Limits;
}

/** RFC 9422; null if the server states none. */
export interface Limits {
  /** MAIL commands in one connection. */
  readonly mailMax: number | null;
  /** RCPT commands in one transaction. */
  readonly rcptMax: number | null;
  /** Different recipient domains in one transaction. */
  readonly rcptDomainMax: number | null;
}

/** The first line of the answer is the server's name and greeting, never an extension (RFC 5321 4.1.1.1). */
export function capabilitiesOf(ehlo: Reply): Capabilities {
  const offered = new Map<string, string>();
  for (const line of ehlo.lines.slice(1)) {
    const [keyword = '', ...parameters] = line.trim().split(/\s+/);
    offered.set(keyword.toUpperCase(), parameters.join(' '));
  }
  const size = offered.get('SIZE');
  return {
    startTls: offered.has('STARTTLS'),
    pipelining: offered.has('PIPELINING'),
    eightBitMime: offered.has('8BITMIME'),
    smtpUtf8: offered.has('SMTPUTF8'),
    enhancedStatusCodes: offered.has('ENHANCEDSTATUSCODES'),
    dsn: offered.has('DSN'),
    requireTls: offered.has('REQUIRETLS'),
    chunking: offered.has('CHUNKING'),
    size: size !== undefined,
    maxSize: maxSizeOf(size),
    limits: limitsOf(offered.get('LIMITS')),
  };
}

/** After HELO a server has no extensions. */
export const noCapabilities: Capabilities = capabilitiesOf({
  code: 250,
  enhancedCode: null,
  lines: [],
  text: '',
});

/** RFC 1870 4: up to 20 digits; 0 and no number both mean that no maximum is stated. */
function maxSizeOf(parameter: string | undefined): number | null {
  if (parameter === undefined || !/^\d{1,20}$/.test(parameter)) return null;
  return Number(parameter) || null;
}

function limitsOf(parameters: string | undefined): Limits {
  const stated = new Map<string, number>();
  for (const limit of (parameters ?? '').split(' ')) {
    // RFC 9422 4: 1 to 999999, no leading zero. A limit in any other form is ignored.
    const [, name, value] = /^([A-Z]+)=([1-9]\d{0,5})$/i.exec(limit) ?? [];
    if (name !== undefined) stated.set(name.toUpperCase(), Number(value));
  }
  const limit = (name: string): number | null => stated.get(name) ?? null;
  return {
    mailMax: limit('MAILMAX'),
    rcptMax: limit('RCPTMAX'),
    rcptDomainMax: limit('RCPTDOMAINMAX'),
  };
}
