import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Listener } from '../smtp.ts';
import { webApp } from './app.ts';
import type { WebOptions } from './options.ts';

export async function startWeb(
  options: WebOptions & { readonly address: string; readonly port: number },
): Promise<Listener> {
  const server = createServer(webApp(options));
  server.listen(options.port, options.address);
  await once(server, 'listening');
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
