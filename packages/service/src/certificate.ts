import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Logger } from '@mysmtp/log';
import { Gauge, type Registry } from 'prom-client';
import { check, readFileOf, watchFiles, type Watched } from './watched-files.ts';

/** A certificate with those of its issuers, and its private key. PEM. */
export type KeyPair = Readonly<Record<'cert' | 'key', Buffer>>;
export type Certificate = Watched<KeyPair>;

/** The use of a certificate, and the settings that name its files. */
export const certificateSettings = {
  smtp: { cert: 'TLS_CERT_FILE', key: 'TLS_KEY_FILE' },
  api: { cert: 'API_TLS_CERT_FILE', key: 'API_TLS_KEY_FILE' },
  internal: { cert: 'INTERNAL_TLS_CERT_FILE', key: 'INTERNAL_TLS_KEY_FILE' },
} as const;

/** The certificate of listeners. It is read again if its files change and on SIGHUP. */
export async function openCertificate(options: {
  readonly use: keyof typeof certificateSettings;
  readonly certFile: string;
  readonly keyFile: string;
  readonly log: Logger;
  readonly metrics: Registry;
}): Promise<Certificate> {
  const { use, certFile, keyFile, log, metrics } = options;
  const settings = certificateSettings[use];

  async function read(): Promise<KeyPair> {
    const cert = await readFileOf(settings.cert, certFile);
    const key = await readFileOf(settings.key, keyFile);
    check(settings.cert, 'is not a PEM certificate', () => new X509Certificate(cert));
    check(settings.key, `is not the private key of ${settings.cert}`, () =>
      createSecureContext({ cert, key }),
    );
    return { cert, key };
  }

  const certificate = await watchFiles({ files: [certFile, keyFile], read, log });
  const expiry = expiryGauge(metrics);
  function report({ cert }: KeyPair): void {
    const { validToDate } = new X509Certificate(cert);
    expiry.set({ use }, validToDate.getTime() / 1_000);
    if (validToDate.getTime() < Date.now()) log.warn('certificate.expired');
  }
  report(certificate.current());
  certificate.onChange(report);
  return certificate;
}

function expiryGauge(metrics: Registry): Gauge<'use'> {
  const name = 'mysmtp_certificate_expiry_timestamp_seconds';
  const known = metrics.getSingleMetric(name) as Gauge<'use'> | undefined;
  return (
    known ??
    new Gauge({
      name,
      help: 'When a certificate ends, in seconds since the epoch; use: smtp (listeners for clients), api (listener of the public API) or internal (listener for other services).',
      labelNames: ['use'],
      registers: [metrics],
    })
  );
}
