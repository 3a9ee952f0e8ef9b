/**
 * Requests per minute: of a principal, by class of route, or of a client network (an IPv4 address, a /64 of
 * IPv6) on routes for everybody. All principals of a tenant together have a limit of their plan. The limits prevent one client from using all capacity of a process and are
 * far above normal use. Each process of a service counts separately.
 */
export const rateLimits = {
  usual: 6_000,
  /** Some milliseconds of work each: writes, or reads of many rows. */
  costly: 1_200,
  /** Minutes of work each. */
  export: 10,
  /** What a person does by hand, and what guesses a secret or sends a mail. */
  'sign-in': 60,
  /** Of a client network without a valid token. A holder of a valid token is never refused by this limit. */
  unauthenticated: 600,
} as const;

export type RateLimit = keyof typeof rateLimits;

/** Of a route. */
export type RateLimitClass = Exclude<RateLimit, 'unauthenticated'>;

/** The window of a count. Seconds. */
export const rateLimitWindow = 60;
