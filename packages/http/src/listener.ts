import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listener {
  readonly port: number;
  /** Stops accepting, finishes the requests under way, closes. */
  close(): Promise<void>;
}

/** An HTTP server that listens. Rejects if the port cannot be had. */
export async function openListener(
  place: { readonly address: string; readonly port: number },
  answer: RequestListener,
): Promise<Listener> {
  const server = createServer(answer);
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
