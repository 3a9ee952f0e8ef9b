import { Resolver } from 'node:dns/promises';
import { logLevels } from '@mysmtp/log';
import { z } from 'zod';
import { backEndSetting } from './back-ends.ts';
import { kinds, setting, withoutTls } from './settings.ts';

const accountsForm = 'must be system:serviceaccount:NAMESPACE:PREFIX-';

/** The settings that every service has. */
export const commonSettings = {
  logLevel: setting('LOG_LEVEL', z.enum(logLevels).default('info')),
  bindAddress: setting('BIND_ADDRESS', kinds.text.default('0.0.0.0')),
  /** Of the API for customers and operators. */
  apiPort: setting('API_PORT', kinds.port),
  /** Of the API for other services. Their URL settings name this port. */
  internalPort: setting('INTERNAL_PORT', kinds.port),
  operationsPort: setting('OPERATIONS_PORT', kinds.port),
  /** How long a stopping service may take to finish its work. */
  stopDeadline: setting('STOP_DEADLINE', kinds.duration.prefault('30s')),
  /**
   * How long a process may act for a tenant without receiving its own heartbeat. The heartbeat is sent five
   * times in this period. With a shorter lease an erasure waits less for a crashed process. Below two seconds
   * an ordinary pause of a busy process would refuse mail.
   */
  processLease: setting('PROCESS_LEASE', kinds.durationBetween('2s', '1m').prefault('10s')),
  mongodbUrl: backEndSetting('MONGODB_URL', 'mongodb'),
  rabbitmqUrl: backEndSetting('RABBITMQ_URL', 'amqp'),
  /**
   * Accepts URLs of back ends without TLS. Passwords and data are then readable in transit, unless another
   * layer encrypts the traffic, such as a service mesh.
   */
  backEndsWithoutTls: setting(withoutTls, kinds.flag.prefault('false')),
  /**
   * PEM: the certificate of the internal API and its key, for the name by which other services call this one,
   * and the authority that issues their certificates. Read again if the files change and on SIGHUP. Without a
   * certificate the internal API has no TLS, and `BIND_ADDRESS` must be a loopback address.
   */
  internalTlsCertFile: setting('INTERNAL_TLS_CERT_FILE', kinds.text.optional()),
  internalTlsKeyFile: setting('INTERNAL_TLS_KEY_FILE', kinds.text.optional()),
  internalTlsCaFile: setting('INTERNAL_TLS_CA_FILE', kinds.text.optional()),
  /**
   * PEM: the certificate of the public API and its key. Read again likewise. Without a certificate the
   * public API has no TLS, and `BIND_ADDRESS` must be a loopback address, unless `API_WITHOUT_TLS` is
   * `true`.
   */
  apiTlsCertFile: setting('API_TLS_CERT_FILE', kinds.text.optional()),
  apiTlsKeyFile: setting('API_TLS_KEY_FILE', kinds.text.optional()),
  /**
   * Accepts plain HTTP on the public API although other machines reach it. Tokens and personal data are then
   * readable in transit, unless TLS is terminated in front of it, such as in a proxy of the same pod.
   */
  apiWithoutTls: setting('API_WITHOUT_TLS', kinds.flag.prefault('false')),
  /** For tests and development: an API reply that its definition does not allow is an error (500). */
  checkReplies: setting('CHECK_REPLIES', kinds.flag.prefault('false')),
  /** This service's Ed25519 private key (JWK) and the public keys of all services (JWK Set). */
  serviceKeyFile: setting('SERVICE_KEY_FILE', kinds.text),
  serviceJwksFile: setting('SERVICE_JWKS_FILE', kinds.text),
  /**
   * In a cluster: the prefix of the user names of the services' accounts,
   * `system:serviceaccount:NAMESPACE:PREFIX-`. Calls then carry their tokens, checked by TokenReview.
   */
  serviceAccounts: setting(
    'SERVICE_ACCOUNTS',
    kinds.text.regex(/^system:serviceaccount:[^:]+:[^:]*$/, accountsForm).optional(),
  ),
  /** The mount path of those tokens, a file for each called service. */
  serviceTokenDir: setting(
    'SERVICE_TOKEN_DIR',
    kinds.text.default('/var/run/secrets/mysmtp/tokens'),
  ),
} as const;

/**
 * Of every service that holds keys: how long a key may be used without a check at privacy. The promise is 60
 * seconds at most.
 */
export const keyFreshness = setting(
  'KEY_FRESHNESS',
  kinds.durationBetween('1s', '60s').prefault('60s'),
);

/** Name servers instead of the system's, `IP` or `IP:PORT`, separated by commas. */
export const dnsServers = setting(
  'DNS_SERVERS',
  kinds.text
    .transform((text) => text.split(',').map((server) => server.trim()))
    .refine(isUsable, 'must be IP or IP:PORT, separated by commas')
    .optional(),
);

function isUsable(servers: readonly string[]): boolean {
  try {
    new Resolver().setServers(servers);
    return true;
  } catch {
    return false;
  }
}
