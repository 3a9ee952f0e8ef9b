import {
  commonSettings,
  internalUrlSetting,
  keyFreshness,
  kinds,
  setting,
  type Config,
} from '@mysmtp/service';
import { z } from 'zod';

/** `HOST:PORT`, an IPv6 address in square brackets. */
const HostAndPort = z
  .string()
  .regex(/^(\[[\da-f:.]+\]|[^:\s[\]]+):\d{1,5}$/i, 'must be HOST:PORT')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return {
      host: text.slice(0, colon).replace(/^\[|\]$/g, ''),
      port: Number(text.slice(colon + 1)),
    };
  })
  .refine(({ port }) => port >= 1 && port <= 65_535, 'must have a port from 1 to 65535');

/** Every environment name of this service, with its default beside it. */
export const settings = {
  ...commonSettings,
  /** Longer than the answer to a final dot may take (5 minutes). */
  stopDeadline: setting('STOP_DEADLINE', kinds.duration.prefault('320s')),
  identityUrl: internalUrlSetting('IDENTITY_URL'),
  privacyUrl: internalUrlSetting('PRIVACY_URL'),
  keyFreshness,
  ingressUrl: internalUrlSetting('INGRESS_URL'),

  /** Our name in EHLO and in reports; receivers expect it to resolve to us. */
  ehloName: setting(
    'EHLO_NAME',
    kinds.text.regex(/^[!-~]+$/, 'must be printable ASCII without spaces'),
  ),
  /** Domain of ours to which answers of mail systems go. */
  returnPathDomain: setting('RETURN_PATH_DOMAIN', kinds.text.min(1)),
  /** `From:` of the reports that we write; `postmaster@RETURN_PATH_DOMAIN` unless set. */
  postmaster: setting('POSTMASTER', z.email('must be an address').optional()),
  /** PEM, an RSA key: signs reports in the name of the domain of `POSTMASTER`. Both of these or neither. */
  reportDkimKeyFile: setting('REPORT_DKIM_KEY_FILE', kinds.text.optional()),
  reportDkimSelector: setting(
    'REPORT_DKIM_SELECTOR',
    kinds.text.regex(/^[a-z\d-]+(\.[a-z\d-]+)*$/i, 'must be a selector (RFC 6376 3.1)').optional(),
  ),
  /** Takes all mail instead of the recipients' MX. */
  smarthost: setting('SMARTHOST', HostAndPort.optional()),
  /** Name servers to ask instead of the system's, `IP` or `IP:PORT`, separated by commas. */
  dnsServers: setting(
    'DNS_SERVERS',
    kinds.text.transform((text) => text.split(',').map((server) => server.trim())).optional(),
  ),
  /** Port of the recipients' MX. */
  mxPort: setting('MX_PORT', kinds.port.default(25)),
  /** Dial MX hosts also at addresses that are not on the internet. */
  privateMx: setting('PRIVATE_MX', kinds.flag.prefault('false')),

  /** Broker messages that this process holds at once. */
  window: setting('DELIVERY_WINDOW', kinds.count.default(500)),
  /** Messages from the shelf that this process holds at once. */
  shelfWindow: setting('SHELF_WINDOW', kinds.count.default(200)),
  /** How long what a process claimed stays its own without a sign of life. */
  claimLease: setting('CLAIM_LEASE', kinds.durationBetween('2s', '10m').prefault('6s')),
  siteConnections: setting('SITE_CONNECTIONS', kinds.count.default(20)),
  connectionMessages: setting('CONNECTION_MESSAGES', kinds.count.default(100)),
  connectionIdle: setting('CONNECTION_IDLE', kinds.duration.prefault('60s')),
  /**
   * How long a message of the broker may be in hand before it goes to the deferred queue, where it stays
   * in hand: far below the broker's `consumer_timeout` of 30 minutes, after which it would hand out
   * again, to others too, everything that this process has.
   */
  inHandTime: setting('IN_HAND_TIME', kinds.durationBetween('1s', '15m').prefault('5m')),
  /** How long mail waits for a connection to its site before it goes to the shelf and makes room for others. */
  sitePatience: setting('SITE_PATIENCE', kinds.duration.prefault('5s')),

  retryFirst: setting('RETRY_FIRST', kinds.duration.prefault('5m')),
  retryMax: setting('RETRY_MAX', kinds.duration.prefault('4h')),
  expiry: setting('EXPIRY', kinds.duration.prefault('5d')),
  /** How often handling may fail before a message is parked as held. */
  handlingLimit: setting('HANDLING_LIMIT', kinds.count.default(5)),

  // RFC 5321 4.5.3.2 names the shortest times that a client should wait.
  connectTimeout: setting('CONNECT_TIMEOUT', kinds.duration.prefault('30s')),
  /** How long opening a session may take, over all hosts of a site. */
  dialTimeout: setting('DIAL_TIMEOUT', kinds.duration.prefault('6m')),
  greetingTimeout: setting('GREETING_TIMEOUT', kinds.duration.prefault('5m')),
  commandTimeout: setting('COMMAND_TIMEOUT', kinds.duration.prefault('5m')),
  finalReplyTimeout: setting('FINAL_REPLY_TIMEOUT', kinds.duration.prefault('10m')),
  /** The longest time one message may occupy a connection, however busy it looks. */
  transactionTimeout: setting('TRANSACTION_TIMEOUT', kinds.duration.prefault('30m')),
} as const;

export type DeliveryConfig = Config<typeof settings>;
