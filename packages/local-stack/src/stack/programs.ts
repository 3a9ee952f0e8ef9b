import path from 'node:path';
import { dataHolders, serviceNames, type ServiceName } from '@mysmtp/contracts';
import { cacheDir, nodeOptions, repositoryRoot } from '@mysmtp/tooling';
import type { Program } from '../processes/program.ts';
import type { BrokerAccess } from '../provision/rabbitmq.ts';
import type { DatabaseAccess } from '../provision/mongodb.ts';
import type { Certificates } from './certificates.ts';
import { demoDomain, swaksCommand } from './first-mail.ts';
import type { PortName } from './ports.ts';
import type { ServiceKeys } from './signing-keys.ts';

/** The inputs for starting the processes of a stack. */
export interface Plan {
  readonly dir: string;
  readonly ports: Readonly<Record<PortName, number>>;
  /** Of the SMTP listeners. */
  readonly certificates: Certificates;
  /** Of the internal APIs. */
  readonly internalCertificates: (service: ServiceName) => Certificates;
  readonly keys: ServiceKeys;
  readonly certificateKeysFile: string;
  readonly broker: BrokerAccess;
  readonly databases: DatabaseAccess;
  /** The smarthost of delivery: HOST:PORT. */
  readonly smarthost: string;
  readonly networkListener: boolean;
  /** Additional or different settings for single services. */
  readonly env: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
  /** The folder of the services' programs as bundles (SERVICE/NAME.mjs); without it their sources run. */
  readonly bundles: string | undefined;
}

const address = '127.0.0.1';
const url = (port: number, scheme = 'http') => `${scheme}://${address}:${String(port)}`;

export const apiUrl = (plan: Pick<Plan, 'ports'>, service: ServiceName) =>
  url(plan.ports[`${service}Api`]);
export const operationsUrl = (plan: Pick<Plan, 'ports'>, service: ServiceName) =>
  url(plan.ports[`${service}Operations`]);
export const maildirOf = (dir: string) => path.join(dir, 'maildir');
export const mxUrl = (plan: Pick<Plan, 'ports'>) => url(plan.ports.mxWeb);

/** The environment variables that our Node processes need, and no more. */
function nodeEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '/', TZ, NODE_EXTRA_CA_CERTS, BACK_ENDS_WITHOUT_TLS } = process.env;
  return {
    PATH,
    HOME,
    NODE_ENV: 'production',
    // As in the images (Containerfile).
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '131072',
    // Compiled once, not at every start. Compiling is a third of the cost of starting a service.
    NODE_COMPILE_CACHE: cacheDir('node-compile-cache'),
    ...(TZ === undefined ? {} : { TZ }),
    ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }),
    ...(BACK_ENDS_WITHOUT_TLS === undefined ? {} : { BACK_ENDS_WITHOUT_TLS }),
  };
}

/** The settings of a service, by environment name. */
const returnPathDomain = 'bounces.localhost.example.org';

export function serviceEnvironment(plan: Plan, service: ServiceName): Record<string, string> {
  const { ports, certificates } = plan;
  const own: Partial<Record<ServiceName, Record<string, string>>> = {
    ingress: {
      SMTP_STARTTLS_PORT: String(ports.smtpStarttls),
      SMTP_TLS_PORT: String(ports.smtpTls),
      ...(plan.networkListener ? { SMTP_NETWORK_PORT: String(ports.smtpNetwork) } : {}),
      SMTP_NAME: 'localhost',
      POSTMASTER: 'postmaster@localhost.example.org',
      TLS_CERT_FILE: certificates.certFile,
      TLS_KEY_FILE: certificates.keyFile,
      UNSUBSCRIBE_URL: 'https://privacy.localhost.example.org',
    },
    delivery: {
      SMARTHOST: plan.smarthost,
      EHLO_NAME: 'localhost',
      RETURN_PATH_DOMAIN: returnPathDomain,
      POSTMASTER: 'postmaster@localhost.example.org',
    },
    identity: {
      NOTICES_FROM: 'notices@localhost.example.org',
      RETURN_PATH_DOMAIN: returnPathDomain,
      SPF_INCLUDE: 'include:_spf.localhost.example.org',
      // Everybody comes from one address.
      SIGN_UPS_PER_NETWORK: '10000',
    },
    privacy: {
      NOTICES_FROM: 'notices@localhost.example.org',
      VAULT_DIR: path.join(plan.dir, 'vault'),
      CERTIFICATE_KEYS_FILE: plan.certificateKeysFile,
      OPERATOR_FILE: path.join(repositoryRoot, 'docs', 'operator.example.json'),
      ...Object.fromEntries(
        dataHolders.map((name) => [
          `VERIFIER_${name.toUpperCase()}_URL`,
          plan.databases.verifierUrls[name],
        ]),
      ),
    },
  };
  const urls = Object.fromEntries(
    serviceNames.map((name) => [
      `${name.toUpperCase()}_URL`,
      url(ports[`${name}Internal`], 'https'),
    ]),
  );
  const internal = plan.internalCertificates(service);
  return {
    ...nodeEnvironment(),
    ...urls,
    BIND_ADDRESS: address,
    API_PORT: String(ports[`${service}Api`]),
    INTERNAL_PORT: String(ports[`${service}Internal`]),
    OPERATIONS_PORT: String(ports[`${service}Operations`]),
    MONGODB_URL: plan.databases.urls[service],
    RABBITMQ_URL: plan.broker.urls[service],
    INTERNAL_TLS_CERT_FILE: internal.certFile,
    INTERNAL_TLS_KEY_FILE: internal.keyFile,
    INTERNAL_TLS_CA_FILE: internal.caFile,
    SERVICE_KEY_FILE: plan.keys.privateKeyFile(service),
    SERVICE_JWKS_FILE: plan.keys.jwksFile,
    LOG_LEVEL: 'info',
    NODE_OPTIONS: nodeOptions[service],
    CHECK_REPLIES: 'true',
    ...own[service],
    ...plan.env[service],
  };
}

/** Node's own arguments: runs the sources directly. */
export const nodeArguments = [
  '--conditions=mysmtp-source',
  '--disable-warning=ExperimentalWarning',
];

/** The file of a service's program. */
export const programFile = (
  { bundles }: Pick<Plan, 'bundles'>,
  service: ServiceName,
  name: string,
): string =>
  bundles === undefined
    ? path.join(repositoryRoot, 'services', service, 'src', `${name}.ts`)
    : path.join(bundles, service, `${name}.mjs`);

export function serviceProgram(plan: Plan, service: ServiceName): Program {
  return {
    name: service,
    command: process.execPath,
    args: [...nodeArguments, programFile(plan, service, 'main')],
    env: serviceEnvironment(plan, service),
    cwd: repositoryRoot,
    logFile: path.join(plan.dir, 'log', `${service}.log`),
    isReady: () => canWork(operationsUrl(plan, service)),
    startTimeout: 60_000,
    // May be shorter than a service's own deadline, because a user at a terminal waits.
    stopTimeout: 30_000,
    stopSignal: 'SIGTERM',
  };
}

/** The settings of a service that are ports of its own. */
export const portSettings = (plan: Plan, service: ServiceName): string[] =>
  Object.keys(serviceEnvironment(plan, service)).filter((name) => name.endsWith('_PORT'));

/** A second process of a service beside the first, as in a cluster. */
export function anotherProgram(
  plan: Plan,
  service: ServiceName,
  ports: Readonly<Record<string, number>>,
): Program {
  const first = serviceProgram(plan, service);
  const texts = Object.entries(ports).map(([name, port]) => [name, String(port)]);
  const env: Record<string, string> = { ...first.env, ...Object.fromEntries(texts) };
  return {
    ...first,
    name: `${service}-2`,
    env,
    logFile: path.join(plan.dir, 'log', `${service}-2.log`),
    isReady: () => canWork(url(Number(env['OPERATIONS_PORT']))),
  };
}

/**
 * Restricted to what any user of this machine may read on the MX's page: `npm start` prints the other two.
 */
export const mxHint = (plan: Plan): string =>
  swaksCommand({
    host: 'localhost',
    port: plan.ports.smtpStarttls,
    caFile: plan.certificates.caFile,
    username: 'USER',
    password: 'PASSWORD',
    from: `hello@${demoDomain}`,
  }).join('\n');

export function mxProgram(
  plan: Pick<Plan, 'dir' | 'certificates'> & {
    readonly ports: Pick<Plan['ports'], 'mxSmtp' | 'mxWeb'>;
  },
  hint: string,
): Program {
  return {
    name: 'mx',
    command: process.execPath,
    args: [...nodeArguments, path.join(repositoryRoot, 'packages', 'dev-mx', 'src', 'main.ts')],
    env: {
      ...nodeEnvironment(),
      BIND_ADDRESS: address,
      MX_SMTP_PORT: String(plan.ports.mxSmtp),
      MX_WEB_PORT: String(plan.ports.mxWeb),
      MX_HINT: hint,
      MX_MAILDIR: maildirOf(plan.dir),
      TLS_CERT_FILE: plan.certificates.certFile,
      TLS_KEY_FILE: plan.certificates.keyFile,
    },
    cwd: repositoryRoot,
    logFile: path.join(plan.dir, 'log', 'mx.log'),
    isReady: () => isOk(`${url(plan.ports.mxWeb)}/healthz`),
    startTimeout: 30_000,
    stopTimeout: 5_000,
    stopSignal: 'SIGTERM',
  };
}

/** Rejects with the unmet conditions of its `/readyz`. */
async function canWork(operations: string): Promise<boolean> {
  const response = await fetch(`${operations}/readyz`, { signal: AbortSignal.timeout(4_000) });
  const { checks } = (await response.json()) as { checks: Readonly<Record<string, boolean>> };
  const missing = Object.keys(checks).filter((name) => checks[name] !== true);
  if (missing.length > 0) throw new Error(`it waits for ${missing.join(', ')}`);
  return response.ok;
}

async function isOk(address: string): Promise<boolean> {
  const response = await fetch(address, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
}
