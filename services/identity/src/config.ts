import { commonSettings, internalUrlSetting, keyFreshness, type Config } from '@mysmtp/service';

export const settings = {
  ...commonSettings,
  /** Base URL of privacy's internal API, the source of keys. */
  privacyUrl: internalUrlSetting('PRIVACY_URL'),
  keyFreshness,
} as const;

export type IdentityConfig = Config<typeof settings>;
