import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { Certificate } from '@mysmtp/service';

export interface Listener {
  readonly port: number;
  /** Stops accepting, finishes the requests under way, closes. */
  close(): Promise<void>;
}

/** Which TLS is spoken, if there is a certificate. */
interface ListenerTls extends Omit<SecureContextOptions, 'cert' | 'key'> {
  readonly certificate: Certificate | undefined;
}

/** An HTTP server that listens, with TLS if there is a certificate. Rejects if the port cannot be had. */
export async function openListener(
  place: { readonly address: string; readonly port: number },
  answer: RequestListener,
  { certificate, ...tls }: ListenerTls,
): Promise<Listener> {
  const server =
    certificate === undefined ? createServer(answer) : withTls(answer, certificate, tls);
  // A client that sends its request one byte at a time is not waited for.
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
