import { dataHolders, type DataHolder } from '@mysmtp/contracts';
import { checkAddress, isAscii } from '@mysmtp/mail';
import {
  backEndSetting,
  commonSettings,
  internalUrlSetting,
  kinds,
  setting,
  type Config,
  type Secret,
  type Setting,
} from '@mysmtp/service';

/** ASCII, so that a mail needs no SMTPUTF8. */
const isMailbox = (text: string): boolean => isAscii(text) && checkAddress(text) === undefined;

/** The setting with the verifier's connection string for the database of this service. */
export const verifierUrlOf = (name: DataHolder) =>
  `verifier${name.charAt(0).toUpperCase()}${name.slice(1)}Url` as `verifier${Capitalize<DataHolder>}Url`;

/** The verifier has a read-only user in the database of each service that holds data. */
const verifierUrls = Object.fromEntries(
  dataHolders.map((name) => [
    verifierUrlOf(name),
    backEndSetting(`VERIFIER_${name.toUpperCase()}_URL`, 'mongodb'),
  ]),
) as Record<ReturnType<typeof verifierUrlOf>, Setting<Secret<string>>>;

export const settings = {
  ...commonSettings,
  identityUrl: internalUrlSetting('IDENTITY_URL'),
  deliveryUrl: internalUrlSetting('DELIVERY_URL'),
  /** Base URL of ingress's internal API, which accepts mails to people without an account. */
  ingressUrl: internalUrlSetting('INGRESS_URL'),
  /** The folder of the roots. Never put it into the data or the backup of a database. */
  vaultDir: setting('VAULT_DIR', kinds.text),
  /**
   * Days until the keys of a UTC day are destroyed, at 00:00: five of attempts, one of slack, the day
   * itself.
   */
  mailKeyDays: setting('MAIL_KEY_DAYS', kinds.count.prefault('7')),
  /** The longest retention of the usage log that a tenant may choose, and the day itself. */
  eventsKeyDays: setting('EVENTS_KEY_DAYS', kinds.count.prefault('31')),
  /** The keys that sign certificates (JWK Set). The first key signs; the others are former keys. */
  certificateKeysFile: setting('CERTIFICATE_KEYS_FILE', kinds.text),
  /** The facts about the operator (JSON) from which the privacy notice and the other documents are made. */
  operatorFile: setting('OPERATOR_FILE', kinds.text),
  /** How long a store may take to answer an erasure before the erasure counts as partial. */
  erasurePatience: setting('ERASURE_PATIENCE', kinds.duration.prefault('90s')),
  /**
   * Pause between two looks at the open erasures. With a longer one an erasure takes longer, and costs the
   * other work of the machine less of each second.
   */
  erasurePace: setting('ERASURE_PACE', kinds.durationBetween('100ms', '5s').prefault('1s')),
  /** Pause before a command of an erasure is sent again the first time; then twice as long each time. */
  erasureResend: setting('ERASURE_RESEND', kinds.durationBetween('200ms', '1m').prefault('3s')),
  /**
   * How often a service reports the progress of a long purge. After three periods without a report the
   * service counts as silent and gets the command again.
   */
  erasureProgress: setting(
    'ERASURE_PROGRESS',
    kinds.durationBetween('500ms', '1m').prefault('10s'),
  ),
  /** Deadlines for the notification of the authority and of the customers, after awareness of a breach. */
  breachAuthorityDeadline: setting(
    'BREACH_AUTHORITY_DEADLINE',
    kinds.durationBetween('1h', '72h').prefault('72h'),
  ),
  breachCustomersDeadline: setting(
    'BREACH_CUSTOMERS_DEADLINE',
    kinds.durationBetween('1h', '72h').prefault('24h'),
  ),
  /** Author and reverse-path of mails to people without an account. Without it they wait. */
  noticesFrom: setting(
    'NOTICES_FROM',
    kinds.text.refine(isMailbox, 'must be an address').optional(),
  ),
  /** Callbacks of tenants may have private addresses, any port and plain HTTP: for development and tests. */
  privateCallbacks: setting('PRIVATE_CALLBACKS', kinds.flag.prefault('false')),
  ...verifierUrls,
  deadLetterRetention: setting('DEAD_LETTER_RETENTION', kinds.duration.prefault('5d')),
} as const;

export type PrivacyConfig = Config<typeof settings>;
