import {
  commonSettings,
  dnsServers,
  internalUrlSetting,
  keyFreshness,
  kinds,
  setting,
  type Config,
} from '@mysmtp/service';

const mechanism = /^(include|a|mx|ip4|ip6|exists)(:|$)[!-~]*$/i;

export const settings = {
  ...commonSettings,
  /** Base URL of privacy's internal API, the source of keys. */
  privacyUrl: internalUrlSetting('PRIVACY_URL'),
  keyFreshness,
  /** For the check of customers' domains. */
  dnsServers,
  /** The SPF mechanism that matches our outgoing addresses. Without it, domains are shown no SPF record. */
  spfInclude: setting(
    'SPF_INCLUDE',
    kinds.text
      .regex(mechanism, 'must be an SPF mechanism, such as include:_spf.example.org')
      .optional(),
  ),
  /** Our domain that receives replies of mail systems. Without it, domains are shown no return path. */
  returnPathDomain: setting('RETURN_PATH_DOMAIN', kinds.text.optional()),
} as const;

export type IdentityConfig = Config<typeof settings>;
