import { once } from 'node:events';
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import express, { type Express } from 'express';
import type { Listener } from '../smtp.ts';
import type { WebOptions } from './options.ts';
import { findMail } from '../maildir.ts';
import { inboxRoute } from './inbox-route.ts';
import { messageRoutes } from './message-routes.ts';
import { knownHostOnly, pageSecurity } from './security.ts';

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

function webApp(options: WebOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(pageSecurity, knownHostOnly);
  app.get('/healthz', (_request, response) => {
    response
      .status(options.isHealthy() ? 200 : 503)
      .type('text/plain')
      .send('');
  });
  app.use('/assets', express.static(path.join(import.meta.dirname, 'assets'), { index: false }));
  app.get('/', inboxRoute(options, randomUUID()));
  app.use(
    '/messages/:id',
    messageRoutes(options, (id) => findMail(options.maildir, id)),
  );
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('Not here (any more).\n');
  });
  return app;
}
