import type { ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { InternalTls } from '@mysmtp/service';
import { Counter, Histogram, type Registry } from 'prom-client';
import { createApp } from './app.ts';
import type { TokenLookup } from './authorize.ts';
import { openListener } from './listener.ts';
import { openApiRoute } from './openapi.ts';
import { isPublic, type Route } from './route.ts';
import type { CallerVerifier } from './trust/trust.ts';

export interface ApiOptions {
  readonly service: ServiceName;
  readonly address: string;
  /** Port of the public API. */
  readonly port: number;
  /** Port of the internal API. */
  readonly internalPort: number;
  /** Its certificate; without one it has no TLS. */
  readonly tls?: Pick<InternalTls, 'certificate'>;
  readonly routes: readonly Route[];
  /** Whose token it is, by the SHA-256 of the token; `undefined` for a token that never was or is no more. */
  readonly tokens: TokenLookup;
  readonly callers: CallerVerifier;
  readonly log: Logger;
  readonly metrics: Registry;
}

export interface Api {
  readonly port: number;
  readonly internalPort: number;
  /** Stops accepting, finishes the requests under way, closes. */
  close(): Promise<void>;
}

/**
 * Serves the routes of a service on two listeners. The internal one has the routes that other
 * services may call, and nothing else. The public one has all others and the OpenAPI document. Each
 * answers 404 for the routes of the other.
 */
export async function openApi(options: ApiOptions): Promise<Api> {
  const { service, address, routes, metrics } = options;
  const duration = new Histogram({
    name: 'mysmtp_http_request_duration_seconds',
    help: 'Time to answer an API request, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [metrics],
  });
  const internalRequests = new Counter({
    name: 'mysmtp_internal_requests_total',
    help: 'Requests of other services, by caller, route and status.',
    labelNames: ['caller', 'route', 'status'],
    registers: [metrics],
  });
  const shared = { ...options, duration, internalRequests };
  const publicRoutes = routes.filter(isPublic);
  const internalRoutes = routes.filter((route) => !isPublic(route));
  const document = openApiRoute(`mySMTP ${service}`, publicRoutes);
  const answerPublic = createApp([document, ...publicRoutes], shared);
  const answerInternal = createApp(internalRoutes, shared);

  const internal = await openListener(
    { address, port: options.internalPort },
    answerInternal,
    options.tls?.certificate,
  );
  let open;
  try {
    open = await openListener({ address, port: options.port }, answerPublic);
  } catch (error) {
    await internal.close();
    throw error;
  }
  return {
    port: open.port,
    internalPort: internal.port,
    async close() {
      await Promise.all([open.close(), internal.close()]);
    },
  };
}
