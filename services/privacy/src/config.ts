import { commonSettings, kinds, setting, type Config } from '@mysmtp/service';

export const settings = {
  ...commonSettings,
  identityUrl: setting('IDENTITY_URL', kinds.url),
  deliveryUrl: setting('DELIVERY_URL', kinds.url),
  /** The folder of the roots. Never inside a database's data, nor in the same backup. */
  vaultDir: setting('VAULT_DIR', kinds.text),
  /** After how many days the keys of a UTC day die, at 00:00: five days of attempts, one of slack, the day itself. */
  mailKeyDays: setting('MAIL_KEY_DAYS', kinds.count.prefault('7')),
  /** The retention of the usage log, and the day itself. */
  eventsKeyDays: setting('EVENTS_KEY_DAYS', kinds.count.prefault('8')),
  deadLetterRetention: setting('DEAD_LETTER_RETENTION', kinds.duration.prefault('5d')),
} as const;

export type PrivacyConfig = Config<typeof settings>;
