import { X509Certificate } from 'node:crypto';
import { isLoopback } from './back-ends.ts';
import { certificateSettings, openCertificate, type Certificate } from './certificate.ts';
import { commonSettings } from './common-settings.ts';
import type { ServiceContext } from './service-context.ts';
import { ConfigError, type Config } from './settings.ts';
import { check, readFileOf, watchFiles, type Watched } from './watched-files.ts';

/** Certificates (PEM) of the authority that issues the services' certificates. */
export type Authority = Watched<Readonly<Record<'ca', Buffer>>>;

/** The TLS material of a service for HTTP; empty if only this machine reaches it. */
export interface HttpTls {
  /** Of the public API. Without one it uses plain HTTP. */
  readonly apiCertificate: Certificate | undefined;
  /** Of the internal API. Without one it uses plain HTTP. */
  readonly internalCertificate: Certificate | undefined;
  /** The only authorities that it trusts for calls to other services; those of the system are not used. */
  readonly authority: Authority | undefined;
}

type HttpTlsConfig = Pick<
  Config<typeof commonSettings>,
  | 'bindAddress'
  | 'apiTlsCertFile'
  | 'apiTlsKeyFile'
  | 'apiWithoutTls'
  | 'internalTlsCertFile'
  | 'internalTlsKeyFile'
  | 'internalTlsCaFile'
>;
type TlsHouse = Pick<ServiceContext<HttpTlsConfig>, 'config' | 'log' | 'metrics' | 'manage'>;

/** Throws a `ConfigError` if other machines could reach one of the APIs without TLS. */
export async function openHttpTls(context: TlsHouse): Promise<HttpTls> {
  const { log, config } = context;
  const { apiWithoutTls, internalTlsCaFile: caFile } = config;
  const plainApi = commonSettings.apiWithoutTls.env;
  if (apiWithoutTls && config.apiTlsCertFile !== undefined) {
    const reason = `is true, and ${certificateSettings.api.cert} is set: only one may be`;
    throw new ConfigError([{ setting: plainApi, reason }]);
  }
  const internalCertificate = await certificateOf(context, {
    use: 'internal',
    certFile: config.internalTlsCertFile,
    keyFile: config.internalTlsKeyFile,
  });
  const apiCertificate = await certificateOf(context, {
    use: 'api',
    certFile: config.apiTlsCertFile,
    keyFile: config.apiTlsKeyFile,
    plain: { isAccepted: apiWithoutTls, setting: plainApi },
  });
  const authority =
    caFile === undefined
      ? undefined
      : context.manage(
          await watchFiles({ files: [caFile], read: () => readAuthority(caFile), log }),
          (open) => open.close(),
        );
  return { apiCertificate, internalCertificate, authority };
}

/** The certificate of a listener; none if only this machine reaches it, or if plain HTTP is accepted. */
async function certificateOf(
  { config, log, metrics, manage: own }: TlsHouse,
  listener: {
    readonly use: 'api' | 'internal';
    readonly certFile: string | undefined;
    readonly keyFile: string | undefined;
    readonly plain?: { readonly isAccepted: boolean; readonly setting: string };
  },
): Promise<Certificate | undefined> {
  const { use, certFile, keyFile, plain } = listener;
  const { cert, key } = certificateSettings[use];
  if (certFile === undefined) {
    if (keyFile !== undefined) throw missing(cert, `${key} is set`);
    if (plain?.isAccepted !== true && !isLoopback(config.bindAddress)) {
      const reached = 'BIND_ADDRESS is no loopback address, so other machines reach us';
      const unless =
        plain === undefined ? '' : `; ${plain.setting}=true accepts that if TLS ends before us`;
      throw missing(cert, reached + unless);
    }
    return undefined;
  }
  if (keyFile === undefined) throw missing(key, `${cert} is set`);
  return own(await openCertificate({ use, certFile, keyFile, log, metrics }), (open) =>
    open.close(),
  );
}

async function readAuthority(file: string) {
  const setting = 'INTERNAL_TLS_CA_FILE';
  const ca = await readFileOf(setting, file);
  check(setting, 'is not a PEM certificate', () => new X509Certificate(ca));
  return { ca };
}

const missing = (setting: string, because: string) =>
  new ConfigError([{ setting, reason: `is required: ${because}` }]);
