import { batchLimit } from '@mysmtp/contracts';
import { checkAddress, isAscii } from '@mysmtp/mail';
import {
  commonSettings,
  internalUrlSetting,
  keyFreshness,
  kinds,
  setting,
  type Config,
} from '@mysmtp/service';

/** ASCII, so that mail to this address needs no SMTPUTF8. */
const isMailbox = (text: string): boolean => isAscii(text) && checkAddress(text) === undefined;

const isHttpsOrigin = (text: string): boolean =>
  URL.canParse(text) && text.startsWith('https://') && new URL(text).origin === text;

/** Every environment name of this service, with its default beside it. */
export const settings = {
  ...commonSettings,
  identityUrl: internalUrlSetting('IDENTITY_URL'),
  privacyUrl: internalUrlSetting('PRIVACY_URL'),
  keyFreshness,

  /** Our host name in the greeting and in `Received:`. */
  smtpName: setting('SMTP_NAME', kinds.text.min(1)),
  /**
   * Recipient of mail for `<postmaster>`, the address without a domain (RFC 5321 4.5.1);
   * `postmaster@SMTP_NAME` unless set.
   */
  postmaster: setting('POSTMASTER', kinds.text.refine(isMailbox, 'must be an address').optional()),
  /**
   * The public origin of privacy, with which the links of one-click unsubscribe begin. Without it clients
   * cannot ask for them.
   */
  unsubscribeUrl: setting(
    'UNSUBSCRIBE_URL',
    kinds.text.refine(isHttpsOrigin, 'must be https://HOST, without a path').optional(),
  ),
  starttlsPort: setting('SMTP_STARTTLS_PORT', kinds.port.prefault('587')),
  tlsPort: setting('SMTP_TLS_PORT', kinds.port.prefault('465')),
  /** For network credentials; off unless set. */
  networkPort: setting('SMTP_NETWORK_PORT', kinds.port.optional()),
  /** PEM; reloaded if the files change and on SIGHUP. */
  tlsCertFile: setting('TLS_CERT_FILE', kinds.text),
  tlsKeyFile: setting('TLS_KEY_FILE', kinds.text),

  /** Octets of a message. */
  sizeLimit: setting('SIZE_LIMIT', kinds.count.prefault(String(25 * 1024 * 1024))),
  recipientLimit: setting('RECIPIENT_LIMIT', kinds.count.prefault('100')),
  authFailureLimit: setting('AUTH_FAILURE_LIMIT', kinds.count.prefault('10')),
  connectionLimit: setting('CONNECTION_LIMIT', kinds.count.prefault('2000')),
  connectionsPerAddress: setting('CONNECTIONS_PER_ADDRESS', kinds.count.prefault('100')),
  messagesPerConnection: setting('MESSAGES_PER_CONNECTION', kinds.count.prefault('10000')),
  /** How long a client may take from the greeting to a successful AUTH. */
  authTimeout: setting('AUTH_TIMEOUT', kinds.durationBetween('1s', '1h').prefault('60s')),
  /** How long a client may take for one command (RFC 5321 4.5.3.2.7), in total. */
  commandTimeout: setting('COMMAND_TIMEOUT', kinds.duration.prefault('5m')),
  /** How long a client may take for one message. */
  dataTimeout: setting('DATA_TIMEOUT', kinds.duration.prefault('10m')),
  /** How long a client waits for its reply if the broker became unreachable before its confirm. */
  confirmPatience: setting('CONFIRM_PATIENCE', kinds.duration.prefault('30s')),
  /** Octets of several messages in one broker message. With 1 each is published alone. */
  mailBatchLimit: setting(
    'MAIL_BATCH_LIMIT',
    kinds.count.max(batchLimit).prefault(String(batchLimit)),
  ),

  /**
   * Maximum age of a spooled message: the life of the mail keys (privacy's `MAIL_KEY_DAYS`). An older message
   * is removed once its key is destroyed, and not before.
   */
  spoolRetention: setting('SPOOL_RETENTION', kinds.duration.prefault('7d')),
} as const;

export type IngressConfig = Config<typeof settings>;
