import { checkAddress, isAscii } from '@mysmtp/mail';
import {
  commonSettings,
  internalUrlSetting,
  keyFreshness,
  kinds,
  setting,
  type Config,
} from '@mysmtp/service';
import { z } from 'zod';

/** ASCII, so that a notice needs no SMTPUTF8. */
const isMailbox = (text: string): boolean => isAscii(text) && checkAddress(text) === undefined;

export const settings = {
  ...commonSettings,
  /** Base URL of privacy's internal API, the source of keys. */
  privacyUrl: internalUrlSetting('PRIVACY_URL'),
  /** Base URL of ingress's internal API, which accepts notices. */
  ingressUrl: internalUrlSetting('INGRESS_URL'),
  keyFreshness,
  /** Author and reverse-path of notices by mail. Without it they wait. */
  noticesFrom: setting(
    'NOTICES_FROM',
    kinds.text.refine(isMailbox, 'must be an address').optional(),
  ),
  /**
   * Where the console is: the origin for which passkeys are valid, and the start of the links in notices.
   * Another value makes all passkeys invalid.
   */
  consoleUrl: setting(
    'CONSOLE_URL',
    z
      .url({ protocol: /^https?$/ })
      .refine(isOrigin, 'must be https://HOST or http://localhost, without a path')
      .default('http://localhost'),
  ),
} as const;

/** Browsers have passkeys only there (Secure Contexts 3.1). */
function isOrigin(text: string): boolean {
  const { origin, protocol, hostname } = new URL(text);
  return text === origin && (protocol === 'https:' || hostname === 'localhost');
}

export type IdentityConfig = Config<typeof settings>;
