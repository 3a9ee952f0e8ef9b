/**
 * How many requests may come in a minute: of a principal, by class of route, or of a client network (an
 * IPv4 address, a /64 of IPv6) on routes for everybody. The limits keep one of them from taking a process for itself and are far above
 * what anybody needs. Each process of a service counts by itself.
 */
export const rateLimits = {
  usual: 6_000,
  /** Some milliseconds of work each: what writes, or opens many rows. */
  costly: 1_200,
  /** Of a client network without a good token. Whoever has one is never refused by this. */
  unauthenticated: 600,
} as const;

export type RateLimit = keyof typeof rateLimits;

/** Of a route. */
export type RateLimitClass = Exclude<RateLimit, 'unauthenticated'>;

/** The minute in which they are counted. Seconds. */
export const rateLimitWindow = 60;
