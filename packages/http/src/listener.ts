import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { Certificate } from '@mysmtp/service';

export interface Listener {
  readonly port: number;
  /** Stops accepting, finishes pending requests, closes. */
  close(): Promise<void>;
}

/** The TLS versions, if a certificate is set. */
interface ListenerTls extends Omit<SecureContextOptions, 'cert' | 'key'> {
  readonly certificate: Certificate | undefined;
}

/** An HTTP server that listens, with TLS if a certificate is set. Rejects if the port is not available. */
export async function openListener(
  place: { readonly address: string; readonly port: number },
  answer: RequestListener,
  { certificate, ...tls }: ListenerTls,
): Promise<Listener> {
  const server =
    certificate === undefined ? createServer(answer) : withTls(answer, certificate, tls);
  // Slow clients that send one byte at a time are disconnected.
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(place.port, place.address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function withTls(answer: RequestListener, certificate: Certificate, tls: SecureContextOptions) {
  const options = { ...tls, handshakeTimeout: 10_000, ...certificate.current() };
  const server = createTlsServer(options, answer);
  certificate.onChange((pair) => server.setSecureContext({ ...tls, ...pair }));
  return server;
}
