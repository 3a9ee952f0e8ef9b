import {
  commonSettings,
  internalUrlSetting,
  keyFreshness,
  kinds,
  setting,
  type Config,
} from '@mysmtp/service';

export const settings = {
  ...commonSettings,
  identityUrl: internalUrlSetting('IDENTITY_URL'),
  privacyUrl: internalUrlSetting('PRIVACY_URL'),
  keyFreshness,
  /** How long a row of the usage log is kept, from the acceptance of its message. */
  retention: setting('USAGE_LOG_RETENTION', kinds.duration.prefault('7d')),
} as const;

export type LoggingConfig = Config<typeof settings>;
