import type { ServiceName } from '@mysmtp/contracts';
import type { z } from 'zod';
import type { Permission } from './permissions.ts';
import type { ProblemType } from './problems.ts';
import type { RateLimitClass } from './rate-limits.ts';

/**
 * Who may call a route: everybody, services (their tokens open nothing else), or whoever has a
 * permission. `ofTenant`: only somebody who acts for one tenant, which the route is then about.
 */
export type Access =
  | { readonly public: true }
  | { readonly services: readonly ServiceName[] }
  | { readonly permission: Permission; readonly ofTenant?: true };

/** JSON of a schema, octets (`application/octet-stream`), or nothing. */
export type ReplyKind = z.ZodType | 'octets' | 'empty';

/** One endpoint as data: what it takes, who may call it and what it answers. Services implement it. */
export interface RouteDefinition {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{name}` for parameters, as OpenAPI writes them. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /**
   * The kind of body: JSON of this schema if there is one, none otherwise. A request with a body of
   * another kind, or without the body that the route takes, is refused.
   */
  readonly body?: z.ZodType;
  /** Largest body in octets; 64 KiB unless said. */
  readonly bodyLimit?: number;
  /** By status. */
  readonly replies: Readonly<Record<number, ReplyKind>>;
  /** Headers of the replies that say something, and what. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Problems that it may answer with beside those of every route of its form (`problemsOf`). */
  readonly errors?: readonly ProblemType[];
  /** `usual` unless said. */
  readonly rateLimit?: RateLimitClass;
  /** Shown in the documents; a test reads them by the schemas. */
  readonly examples?: {
    readonly body?: unknown;
    /** By status. */
    readonly replies?: Readonly<Record<number, unknown>>;
  };
}

/** The routes of a service by operation id, which no other service has for another route. */
export type ApiDefinition = Readonly<Record<string, RouteDefinition>>;

/** A route for other services is on the internal listener and in the internal documents, all others are public. */
export const isPublic = ({ access }: RouteDefinition): boolean => !('services' in access);

export const publicRoutes = (api: ApiDefinition): ApiDefinition =>
  Object.fromEntries(Object.entries(api).filter(([, route]) => isPublic(route)));

export const internalRoutes = (api: ApiDefinition): ApiDefinition =>
  Object.fromEntries(Object.entries(api).filter(([, route]) => !isPublic(route)));

/** The problems that a route may answer with: its own, and those that its form brings with it. */
export function problemsOf(route: RouteDefinition): ProblemType[] {
  const isInternal = 'services' in route.access;
  return [
    'invalid-request',
    ...('public' in route.access ? [] : (['unauthenticated', 'forbidden', 'unavailable'] as const)),
    ...(route.body === undefined ? [] : (['too-large', 'unsupported-media-type'] as const)),
    ...(route.errors ?? []),
    ...(isInternal ? [] : (['rate-limited'] as const)),
    'internal',
  ];
}
