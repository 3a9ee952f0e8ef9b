import {
  documentOf,
  isPublic,
  rateLimits,
  titleOf,
  type ApiDefinition,
  type RateLimit,
} from '@mysmtp/api';
import type { ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { SecurityLog } from '@mysmtp/security-log';
import { clientTls, systemClock, type Clock, type HttpTls } from '@mysmtp/service';
import { Counter, Histogram, type Registry } from 'prom-client';
import { z } from 'zod';
import { createApp } from './app.ts';
import type { AccountLookup, TokenLookup } from './authorize.ts';
import { openListener } from './listener.ts';
import { refusalReasons } from './problem.ts';
import { createRateLimiter, type AuthFailures } from './rate-limiter.ts';
import { createReports } from './reports.ts';
import { serve, type Route } from './route.ts';
import type { CallerVerifier } from './trust/trust.ts';

export interface ApiOptions {
  readonly service: ServiceName;
  readonly address: string;
  /** Port of the public API. */
  readonly port: number;
  /** Port of the internal API. */
  readonly internalPort: number;
  /** Their certificates. Without one an API uses plain HTTP. */
  readonly tls?: Pick<HttpTls, 'apiCertificate' | 'internalCertificate'>;
  readonly routes: readonly Route[];
  /** The principal of a token, by the SHA-256 of the token; `undefined` for an unknown or revoked token. */
  readonly tokens: TokenLookup;
  /** The tenants of these principals. Without it, none has a status or a limit of its own. */
  readonly accounts?: AccountLookup;
  readonly callers: CallerVerifier;
  /** Whether a reply that its definition does not allow is an error (500). The default is no. */
  readonly checkReplies?: boolean;
  /** Requests per minute. The default is the limits of packages/api. */
  readonly rateLimits?: Readonly<Record<RateLimit, number>>;
  /** For the age of a second factor. The default is the system's. */
  readonly clock?: Clock;
  readonly authFailures?: AuthFailures;
  /** The audit chain. Without it nothing is reported. */
  readonly securityLog?: SecurityLog;
  readonly log: Logger;
  readonly metrics: Registry;
}

export interface Api {
  readonly port: number;
  readonly internalPort: number;
  /** Stops accepting, finishes pending requests, closes. */
  close(): Promise<void>;
}

/**
 * Serves the routes of a service on two listeners. The internal one has only the routes that other services
 * may call. The public one has all others and the OpenAPI document. Each answers 404 for the routes of the
 * other.
 */
export async function openApi(options: ApiOptions): Promise<Api> {
  const { service, address, routes, checkReplies = false, clock = systemClock, metrics } = options;
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
  const refusals = new Counter({
    name: 'mysmtp_http_refused_total',
    help: 'Requests with a valid token that were refused, by reason.',
    labelNames: ['reason'],
    registers: [metrics],
  });
  // Prometheus does not see a counter before its first increment.
  for (const reason of refusalReasons) refusals.inc({ reason }, 0);
  const rateLimiter = createRateLimiter(
    options.rateLimits ?? rateLimits,
    metrics,
    options.authFailures,
  );
  const accounts = options.accounts ?? (() => undefined);
  const shared = {
    ...options,
    accounts,
    checkReplies,
    clock,
    rateLimiter,
    duration,
    internalRequests,
    refusals,
    reports: createReports(options.securityLog ?? unreported),
  };
  const publicRoutes = routes.filter(isPublic);
  const internalRoutes = routes.filter((route) => !isPublic(route));
  const answerPublic = createApp(
    [...documentRoute(service, publicRoutes), ...publicRoutes],
    shared,
  );
  const answerInternal = createApp(internalRoutes, shared);

  const internal = await openListener({ address, port: options.internalPort }, answerInternal, {
    ...internalTls,
    certificate: options.tls?.internalCertificate,
  });
  let open;
  try {
    open = await openListener({ address, port: options.port }, answerPublic, {
      ...clientTls,
      certificate: options.tls?.apiCertificate,
    });
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

/** Both ends are ours, so there is no older version to be compatible with. */
const internalTls = { minVersion: 'TLSv1.3' } as const;

/** For a test of an API alone. */
const unreported: SecurityLog = {
  record: async () => undefined,
  note: () => undefined,
  isReady: () => true,
};

const documentApi = {
  showDocument: {
    method: 'get',
    path: '/openapi.json',
    summary: 'The OpenAPI document of this API',
    access: { public: true },
    replies: { 200: z.looseObject({ openapi: z.string() }) },
  },
} as const satisfies ApiDefinition;

/** Serves the OpenAPI document of these routes, which is also in docs/api. */
function documentRoute(service: ServiceName, routes: readonly Route[]): Route[] {
  const api = Object.fromEntries(routes.map((route) => [route.name, route]));
  const document = documentOf(titleOf(service), { [service]: api });
  return serve(documentApi)({
    showDocument: async () => ({ status: 200, body: { ...document } }),
  });
}
