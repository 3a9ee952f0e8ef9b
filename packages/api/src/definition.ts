import type { SecurityEventType, ServiceName } from '@mysmtp/contracts';
import type { z } from 'zod';
import type { Permission } from './access-table.ts';
import { ruleOf } from './permissions.ts';
import type { ProblemType } from './problems.ts';
import type { RateLimitClass } from './rate-limits.ts';

/**
 * Who may call a route: everybody, the listed services (their tokens open nothing else), or a holder of the
 * permission (`accessTable`). `ofTenant`: only a principal that acts for one tenant; the route then concerns
 * this tenant. `ofDomain`: how a key that is limited to one domain is limited here. `path`: the `id` in the
 * path is the domain. `handler`: the handler answers about this domain only. Other routes refuse such a key.
 */
export type Access =
  | { readonly public: true }
  | { readonly services: readonly ServiceName[] }
  | {
      readonly permission: Permission;
      readonly ofTenant?: true;
      readonly ofDomain?: 'path' | 'handler';
    };

/** Text of any length that is written while it is sent. `stream`: its media types. */
export interface StreamKind {
  readonly stream: readonly string[];
}

/** JSON of a schema, octets (`application/octet-stream`), a stream, or nothing. */
export type ReplyKind = z.ZodType | 'octets' | StreamKind | 'empty';

/** One endpoint as data: its input, its authorized callers and its replies. Services implement it. */
export interface RouteDefinition {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{name}` for parameters, as OpenAPI writes them. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /**
   * The kind of body: JSON of this schema if there is one, none otherwise. A request with a body of another
   * kind is refused. So is a request without the required body.
   */
  readonly body?: z.ZodType;
  /** Largest body in octets. The default is 64 KiB. */
  readonly bodyLimit?: number;
  /** By status. */
  readonly replies: Readonly<Record<number, ReplyKind>>;
  /** It is also a page (`text/html`), for clients that prefer one. */
  readonly page?: true;
  /** It also takes the body of an HTML form (`application/x-www-form-urlencoded`). */
  readonly form?: true;
  /** Headers of the replies, each with a description. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Problems that it can return in addition to those of every route of its form (`problemsOf`). */
  readonly errors?: readonly ProblemType[];
  /**
   * Whether the principals of a tenant that is suspended or restricted may use it. Without it they may if it
   * is a GET.
   */
  readonly whileStopped?: true;
  /**
   * What the audit chain has of a request that succeeds. Without it `export_made` if the path ends in
   * `/export`, an `act` if the request changes something, and `data_viewed` if an operator sees data of a
   * tenant.
   */
  readonly event?: SecurityEventType;
  /** The default is `usual`. */
  readonly rateLimit?: RateLimitClass;
  /** Shown in the documents. A test validates them against the schemas. */
  readonly examples?: {
    readonly body?: unknown;
    /** By status. */
    readonly replies?: Readonly<Record<number, unknown>>;
  };
}

/** The routes of a service by operation id. An operation id is unique across all services. */
export type ApiDefinition = Readonly<Record<string, RouteDefinition>>;

/**
 * A route for other services is on the internal listener and in the internal documents. All others are
 * public.
 */
export const isPublic = ({ access }: RouteDefinition): boolean => !('services' in access);

export const publicRoutes = (api: ApiDefinition): ApiDefinition =>
  Object.fromEntries(Object.entries(api).filter(([, route]) => isPublic(route)));

export const internalRoutes = (api: ApiDefinition): ApiDefinition =>
  Object.fromEntries(Object.entries(api).filter(([, route]) => !isPublic(route)));

/** The problems that a route can return: its own, and those of its form. */
export function problemsOf(route: RouteDefinition): ProblemType[] {
  return [
    'invalid-request',
    ...problemsOfAccess(route.access),
    ...('permission' in route.access && route.method !== 'get' && route.whileStopped !== true
      ? (['suspended', 'restricted'] as const)
      : []),
    ...(route.body === undefined ? [] : (['too-large', 'unsupported-media-type'] as const)),
    ...(route.errors ?? []),
    ...(isPublic(route) ? (['rate-limited'] as const) : []),
    'internal',
  ];
}

/** A caller that may not use a route gets 404, as if it did not exist. Only a service gets 403. */
function problemsOfAccess(access: Access): ProblemType[] {
  if ('public' in access) return [];
  if ('services' in access) return ['unauthenticated', 'forbidden', 'unavailable'];
  const isFresh = ruleOf(access.permission).fresh === true;
  return [
    'unauthenticated',
    ...(isFresh ? (['fresh-factor-required'] as const) : []),
    'not-found',
    'unavailable',
  ];
}
