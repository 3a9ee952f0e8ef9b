import { checkAddress, isAscii } from '@mysmtp/mail';
import {
  commonSettings,
  dnsServers,
  internalUrlSetting,
  keyFreshness,
  kinds,
  setting,
  type Config,
} from '@mysmtp/service';
import { z } from 'zod';

/** ASCII, so that a notice needs no SMTPUTF8. */
const isMailbox = (text: string): boolean => isAscii(text) && checkAddress(text) === undefined;

const mechanism = /^(include|a|mx|ip4|ip6|exists)(:|$)[!-~]*$/i;

export const settings = {
  ...commonSettings,
  /** Base URL of privacy's internal API, the source of keys. */
  privacyUrl: internalUrlSetting('PRIVACY_URL'),
  /** Base URL of ingress's internal API, which accepts notices. */
  ingressUrl: internalUrlSetting('INGRESS_URL'),
  keyFreshness,
  /** For the check of customers' domains. */
  dnsServers,
  /** Shortest time between two checks of one domain that its owner asks for. */
  domainCheckPause: setting('DOMAIN_CHECK_PAUSE', kinds.duration.prefault('30s')),
  /** The SPF mechanism that matches our outgoing addresses. Without it, domains are shown no SPF record. */
  spfInclude: setting(
    'SPF_INCLUDE',
    kinds.text
      .regex(mechanism, 'must be an SPF mechanism, such as include:_spf.example.org')
      .optional(),
  ),
  /** Our domain that receives replies of mail systems. Without it, domains are shown no return path. */
  returnPathDomain: setting('RETURN_PATH_DOMAIN', kinds.text.optional()),
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
  /** How many sign-ups there may be from one network in a day, so that nobody makes tenants in bulk. */
  signUpsPerNetwork: setting('SIGN_UPS_PER_NETWORK', kinds.count.prefault('20')),
  /**
   * Sign-in providers of tenants may have private addresses, any port and plain HTTP: for development and
   * tests.
   */
  privateProviders: setting('PRIVATE_PROVIDERS', kinds.flag.prefault('false')),
} as const;

/** Browsers have passkeys only there (Secure Contexts 3.1). */
function isOrigin(text: string): boolean {
  const { origin, protocol, hostname } = new URL(text);
  return text === origin && (protocol === 'https:' || hostname === 'localhost');
}

export type IdentityConfig = Config<typeof settings>;
