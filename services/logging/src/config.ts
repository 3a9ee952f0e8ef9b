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
  /** The longest time that a tenant may choose instead, at most 30 days. */
  longestRetention: setting(
    'USAGE_LOG_LONGEST',
    kinds.durationBetween('1d', '30d').prefault('30d'),
  ),
} as const;

export type LoggingConfig = Config<typeof settings>;
