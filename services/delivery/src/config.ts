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
  /** Longer than the wait for the reply to a final dot at a stop (5 minutes). */
  stopDeadline: setting('STOP_DEADLINE', kinds.duration.prefault('320s')),
  identityUrl: internalUrlSetting('IDENTITY_URL'),
  privacyUrl: internalUrlSetting('PRIVACY_URL'),
  keyFreshness,
  ingressUrl: internalUrlSetting('INGRESS_URL'),

  /** Our name in EHLO and in DSNs. Receivers expect that it resolves to our address. */
  ehloName: setting(
    'EHLO_NAME',
    kinds.text.regex(/^[!-~]+$/, 'must be printable ASCII without spaces'),
  ),
  /** Our domain that receives replies of mail systems. */
  returnPathDomain: setting('RETURN_PATH_DOMAIN', kinds.text.min(1)),
  /** `From:` of DSNs; `postmaster@RETURN_PATH_DOMAIN` unless set. */
  postmaster: setting('POSTMASTER', z.email('must be an address').optional()),
  /** PEM, an RSA key that signs DSNs for the domain of `POSTMASTER`. Set both settings or neither. */
  dsnDkimKeyFile: setting('DSN_DKIM_KEY_FILE', kinds.text.optional()),
  dsnDkimSelector: setting(
    'DSN_DKIM_SELECTOR',
    kinds.text.regex(/^[a-z\d-]+(\.[a-z\d-]+)*$/i, 'must be a selector (RFC 6376 3.1)').optional(),
  ),
  /** Receives all mail instead of the recipients' MX. */
  smarthost: setting('SMARTHOST', HostAndPort.optional()),
  /** Name servers instead of the system's, `IP` or `IP:PORT`, separated by commas. */
  dnsServers: setting(
    'DNS_SERVERS',
    kinds.text.transform((text) => text.split(',').map((server) => server.trim())).optional(),
  ),
  /** Port of the recipients' MX. */
  mxPort: setting('MX_PORT', kinds.port.default(25)),
  /** Dial MX hosts at addresses that are not on the internet too. */
  privateMx: setting('PRIVATE_MX', kinds.flag.prefault('false')),

  /** Broker messages that this process has in flight at once. */
  window: setting('DELIVERY_WINDOW', kinds.count.default(500)),
  /** Messages of the deferred queue that this process leases at once. */
  deferredWindow: setting('DEFERRED_WINDOW', kinds.count.default(200)),
  /** How long a lease lasts if it is not renewed. */
  deferredLease: setting('DEFERRED_LEASE', kinds.durationBetween('2s', '10m').prefault('6s')),
  /** How long a possibly poisonous message waits after its process crashed again, at least its lease. */
  crashPause: setting('CRASH_PAUSE', kinds.duration.prefault('15s')),
  siteConnections: setting('SITE_CONNECTIONS', kinds.count.default(20)),
  connectionMessages: setting('CONNECTION_MESSAGES', kinds.count.default(100)),
  connectionIdle: setting('CONNECTION_IDLE', kinds.duration.prefault('60s')),
  /**
   * How long a broker message may be in flight before it is stored in the deferred queue. It stays in
   * flight there. Far below the broker's `consumer_timeout` of 30 minutes: after that, the broker would
   * redeliver everything that this process has, to other processes too.
   */
  inFlightTime: setting('IN_FLIGHT_TIME', kinds.durationBetween('1s', '15m').prefault('5m')),
  /** How long mail waits for a connection to its site before it is deferred and frees the window. */
  sitePatience: setting('SITE_PATIENCE', kinds.duration.prefault('5s')),

  retryFirst: setting('RETRY_FIRST', kinds.duration.prefault('5m')),
  retryMax: setting('RETRY_MAX', kinds.duration.prefault('4h')),
  expiry: setting('EXPIRY', kinds.duration.prefault('5d')),
  /** Unfinished handlings before a message is held. */
  handlingLimit: setting('HANDLING_LIMIT', kinds.count.default(5)),

  // RFC 5321 4.5.3.2 names the shortest times that a client should wait.
  connectTimeout: setting('CONNECT_TIMEOUT', kinds.duration.prefault('30s')),
  /** How long opening a session may take, for all hosts of a site together. */
  dialTimeout: setting('DIAL_TIMEOUT', kinds.duration.prefault('6m')),
  greetingTimeout: setting('GREETING_TIMEOUT', kinds.duration.prefault('5m')),
  commandTimeout: setting('COMMAND_TIMEOUT', kinds.duration.prefault('5m')),
  finalReplyTimeout: setting('FINAL_REPLY_TIMEOUT', kinds.duration.prefault('10m')),
  /** The longest time that one message may occupy a connection, even if data still flows. */
  transactionTimeout: setting('TRANSACTION_TIMEOUT', kinds.duration.prefault('30m')),
} as const;

export type DeliveryConfig = Config<typeof settings>;
