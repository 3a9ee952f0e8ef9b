/** Length of a time step (RFC 6238 4.1). Seconds. */
const period = 30;

/**
 * The code of the step before is accepted too, because reading and sending takes time (RFC 6238 5.2). The
 * next one is not: a clock that is ahead shows it too early for at most its own error.
 */
const tolerance: [past: number, future: number] = [period, 0];

/** What an authenticator app needs, as text to type and as a picture to scan. */
export interface TotpSetup {
  /** Base32 of 160 random bits. */
  readonly secret: string;
  /** `otpauth:` URI. */
  readonly uri: string;
  /** QR code of the URI, as SVG and as text for a terminal. */
  readonly qrSvg: string;
  readonly qrText: string;
}

/** The libraries are loaded when they are used: they take 4 MB each. */
export async function newTotp(address: string): Promise<TotpSetup> {
  const [{ generateSecret, generateURI }, { toString: qrCodeOf }] = await Promise.all([
    import('otplib'),
    import('qrcode'),
  ]);
  const secret = generateSecret();
  const uri = generateURI({ issuer: 'mySMTP', label: address, secret });
  const [qrSvg, qrText] = await Promise.all([
    qrCodeOf(uri, { type: 'svg' }),
    qrCodeOf(uri, { type: 'utf8' }),
  ]);
  return { secret, uri, qrSvg, qrText };
}

/**
 * The time step of a code; `undefined` if it is the code of no accepted step. A code is used once: store the
 * step, and accept only later ones.
 */
export async function stepOf(
  secret: string,
  code: string,
  now: number,
): Promise<number | undefined> {
  if (!/^\d{6}$/.test(code)) return undefined;
  const { verifySync } = await import('otplib');
  const epoch = Math.floor(now / 1_000);
  const result = verifySync({ secret, token: code, epoch, period, epochTolerance: tolerance });
  if (!result.valid) return undefined;
  return Math.floor(epoch / period) + result.delta;
}
