import { X509Certificate } from 'node:crypto';
import type { commonSettings } from './common-settings.ts';
import { isLoopback } from './back-ends.ts';
import { openCertificate, type Certificate } from './certificate.ts';
import type { House } from './house.ts';
import { ConfigError, type Config } from './settings.ts';
import { check, readFileOf, watchFiles, type Watched } from './watched-files.ts';

/** Certificates (PEM) of the authority that vouches for the services. */
export type Authority = Watched<Readonly<Record<'ca', Buffer>>>;

/** What a service has for TLS with the others; nothing of it if all are on this machine. */
export interface InternalTls {
  /** Of its internal API. */
  readonly certificate: Certificate | undefined;
  /** Whom it believes when it calls, and nobody else: not the authorities of the system. */
  readonly authority: Authority | undefined;
}

type InternalTlsConfig = Pick<
  Config<typeof commonSettings>,
  'bindAddress' | 'internalTlsCertFile' | 'internalTlsKeyFile' | 'internalTlsCaFile'
>;

/** Throws a `ConfigError` if other machines could reach the internal API without TLS. */
export async function openInternalTls(
  house: Pick<House<InternalTlsConfig>, 'config' | 'log' | 'metrics' | 'own'>,
): Promise<InternalTls> {
  const { log, metrics } = house;
  const {
    bindAddress,
    internalTlsCertFile: certFile,
    internalTlsKeyFile: keyFile,
    internalTlsCaFile: caFile,
  } = house.config;
  if (certFile === undefined) {
    if (keyFile !== undefined) throw missing('CERT', 'INTERNAL_TLS_KEY_FILE is set');
    if (!isLoopback(bindAddress)) {
      throw missing('CERT', 'BIND_ADDRESS is no loopback address, so other machines reach us');
    }
  } else if (keyFile === undefined) throw missing('KEY', 'INTERNAL_TLS_CERT_FILE is set');
  const certificate =
    certFile === undefined || keyFile === undefined
      ? undefined
      : house.own(
          await openCertificate({ use: 'internal', certFile, keyFile, log, metrics }),
          (open) => open.close(),
        );
  const authority =
    caFile === undefined
      ? undefined
      : house.own(
          await watchFiles({ files: [caFile], read: () => readAuthority(caFile), log }),
          (open) => open.close(),
        );
  return { certificate, authority };
}

async function readAuthority(file: string) {
  const setting = 'INTERNAL_TLS_CA_FILE';
  const ca = await readFileOf(setting, file);
  check(setting, 'is not a PEM certificate', () => new X509Certificate(ca));
  return { ca };
}

const missing = (what: 'CERT' | 'KEY', because: string) =>
  new ConfigError([{ setting: `INTERNAL_TLS_${what}_FILE`, reason: `is required: ${because}` }]);
