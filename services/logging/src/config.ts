import { commonSettings, keyFreshness, kinds, setting, type Config } from '@mysmtp/service';

export const settings = {
  ...commonSettings,
  identityUrl: setting('IDENTITY_URL', kinds.url),
  privacyUrl: setting('PRIVACY_URL', kinds.url),
  keyFreshness,
  /** How long a row of the usage log lives, from the acceptance of its message. */
  retention: setting('USAGE_LOG_RETENTION', kinds.duration.prefault('7d')),
} as const;

export type LoggingConfig = Config<typeof settings>;
