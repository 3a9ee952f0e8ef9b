import { rateLimitWindow, type Principal, type RateLimit, type RouteDefinition } from '@mysmtp/api';
import type { Request, Response } from 'express';
import { Counter, type Registry } from 'prom-client';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { clientNetworksOf } from './client-networks.ts';
import { Problem } from './problem.ts';

export interface RateLimiter {
  /** Counts a request of a known principal; throws a 429 problem above the limit. */
  admit(
    route: RouteDefinition,
    principal: Principal,
    request: Request,
    response: Response,
  ): Promise<void>;
  /** Counts a request of any principal of a tenant, which may make so many in this process in a minute. */
  admitTenant(tenant: string, requests: number): Promise<void>;
  /**
   * Counts a request without a valid token; throws a 429 problem instead of the 401 above the limit, and for
   * a token from a network with too many failed authentications.
   */
  countStranger(request: Request): Promise<void>;
}

/** The failed authentications of client networks, in all processes (packages/auth-throttle). */
export interface AuthFailures {
  /** `seconds`: the network is refused, and when it may try again. */
  decide(attempt: { readonly address: string }): { readonly seconds?: number };
  failed(attempt: { readonly address: string }): void;
}

/** In the memory of this process. Other services are not limited, because their number is fixed. */
export function createRateLimiter(
  limits: Readonly<Record<RateLimit, number>>,
  metrics: Registry,
  authFailures?: AuthFailures,
): RateLimiter {
  const refused = new Counter({
    name: 'mysmtp_http_rate_limited_total',
    help: 'Requests that were refused with 429, by the limit that they exceeded.',
    labelNames: ['reason'],
    registers: [metrics],
  });
  // Prometheus does not see a counter before its first increment.
  for (const reason of Object.keys(limits)) refused.inc({ reason }, 0);
  refused.inc({ reason: 'account' }, 0);
  /** Each tenant has a limit of its own, so this one only counts. */
  const tenants = limiterOf(Number.MAX_SAFE_INTEGER);
  const limiters: Readonly<Record<RateLimit, RateLimiterMemory>> = {
    usual: limiterOf(limits.usual),
    costly: limiterOf(limits.costly),
    export: limiterOf(limits.export),
    'sign-in': limiterOf(limits['sign-in']),
    unauthenticated: limiterOf(limits.unauthenticated),
  };

  async function take(limit: RateLimit, key: string): Promise<RateLimiterRes> {
    try {
      return await limiters[limit].consume(key);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      refused.inc({ reason: limit });
      const headers = { 'retry-after': secondsLeft(error), ...headersOf(limit, error) };
      throw new Problem('rate-limited', { headers });
    }
  }

  /** draft-ietf-httpapi-ratelimit-headers-10. */
  const headersOf = (limit: RateLimit, state: RateLimiterRes) => ({
    'ratelimit-policy': `"${limit}";q=${String(limits[limit])};w=${String(rateLimitWindow)}`,
    ratelimit: `"${limit}";r=${String(state.remainingPoints)};t=${secondsLeft(state)}`,
  });

  function refuseGuessing({ socket }: Request): void {
    const attempt = { address: socket.remoteAddress ?? '' };
    const seconds = authFailures?.decide(attempt).seconds;
    if (seconds === undefined) return authFailures?.failed(attempt);
    throw new Problem('rate-limited', {
      detail: 'Too many authentications from this network have failed',
      headers: { 'retry-after': String(seconds) },
    });
  }

  return {
    async admit(route, principal, request, response) {
      if (principal.kind === 'service') return;
      const limit = route.rateLimit ?? 'usual';
      const key = principal.kind === 'public' ? networkOf(request) : principal.id;
      response.set(headersOf(limit, await take(limit, key)));
    },
    async admitTenant(tenant, requests) {
      const state = await tenants.consume(tenant);
      if (state.consumedPoints <= requests) return;
      refused.inc({ reason: 'account' });
      const headers = {
        'retry-after': secondsLeft(state),
        'ratelimit-policy': `"account";q=${String(requests)};w=${String(rateLimitWindow)}`,
        ratelimit: `"account";r=0;t=${secondsLeft(state)}`,
      };
      throw new Problem('rate-limited', {
        headers,
        detail: 'The limit of requests of this account is reached',
      });
    },
    async countStranger(request) {
      // Without a token nothing has failed.
      if (request.headers.authorization !== undefined) refuseGuessing(request);
      await take('unauthenticated', networkOf(request));
    },
  };
}

const limiterOf = (points: number) => new RateLimiterMemory({ points, duration: rateLimitWindow });

/** A customer of a provider has a whole /64, so a limit per address would have no effect. */
const networkOf = ({ socket }: Request) =>
  clientNetworksOf(socket.remoteAddress ?? '')[0]?.name ?? '';

const secondsLeft = ({ msBeforeNext }: RateLimiterRes) => String(Math.ceil(msBeforeNext / 1_000));
