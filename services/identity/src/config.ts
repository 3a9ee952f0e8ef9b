import { commonSettings, keyFreshness, kinds, setting, type Config } from '@mysmtp/service';

export const settings = {
  ...commonSettings,
  /** Base URL of privacy's internal API, where keys come from. */
  privacyUrl: setting('PRIVACY_URL', kinds.url),
  keyFreshness,
} as const;

export type IdentityConfig = Config<typeof settings>;
