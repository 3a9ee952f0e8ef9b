import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '@mysmtp/service';

export interface Listener {
  readonly port: number;
  /** Stops accepting, finishes the requests under way, closes. */
  close(): Promise<void>;
}

/** An HTTP server that listens, with TLS if there is a certificate. Rejects if the port cannot be had. */
export async function openListener(
  place: { readonly address: string; readonly port: number },
  answer: RequestListener,
  certificate?: Certificate,
): Promise<Listener> {
  const server = certificate === undefined ? createServer(answer) : withTls(answer, certificate);
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

/** Both ends are ours, so there is no older version to be compatible with. */
const tls = { minVersion: 'TLSv1.3', handshakeTimeout: 10_000 } as const;

function withTls(answer: RequestListener, certificate: Certificate) {
  const server = createTlsServer({ ...tls, ...certificate.current() }, answer);
  certificate.onChange((pair) => server.setSecureContext({ ...tls, ...pair }));
  return server;
}
