import { reader, written, type InternalApi, type ServiceName } from '@mysmtp/contracts';
import { problems } from './problem.ts';
import type { Readable } from 'node:stream';
import type { z } from 'zod';

/**
 * Whoever holds the token. An owner acts for one tenant, an operator for none, a service for itself.
 * `token` is the id of the token, by which the log names who acted.
 */
export type Caller =
  | { readonly role: 'owner'; readonly tenant: string; readonly token: string }
  | { readonly role: 'operator'; readonly token: string }
  | { readonly role: 'service'; readonly service: ServiceName }
  | { readonly role: 'public' };

/** Who may call a route. `services` names the services that may; their tokens open nothing else. */
export type Access =
  | { readonly roles: readonly ('owner' | 'operator')[] }
  | { readonly services: readonly ServiceName[] }
  | { readonly public: true };

export const owners = { roles: ['owner'] } as const;
export const operators = { roles: ['operator'] } as const;
export const ownersAndOperators = { roles: ['owner', 'operator'] } as const;
export const everybody = { public: true } as const;

export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A value becomes JSON; a Buffer or a stream is sent as it is. */
  readonly body?: unknown;
  readonly stream?: Readable;
}

/** One endpoint: what it takes, who may call it and what it answers, which is also its OpenAPI entry. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{name}` for parameters, as OpenAPI writes them. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  /**
   * The kind of body: JSON of this schema if there is one, none otherwise. A request with a body of
   * another kind, or without the body that the route takes, is refused.
   */
  readonly body?: z.ZodType;
  /** Largest body in octets; 64 KiB unless said. */
  readonly bodyLimit?: number;
  /** Status → schema of the JSON body (`null`: no body, or not JSON). */
  readonly replies: Readonly<Record<number, z.ZodType | null>>;
  readonly handle: (request: RouteRequest<never, never, never>) => Promise<Reply>;
}

/** A route that is not for other services. */
export type PublicRoute = Route & {
  readonly access: Exclude<Access, { readonly services: unknown }>;
};

/** Decides which of a service's two listeners has a route. */
export const isPublic = (route: Route): route is PublicRoute => !('services' in route.access);

type Parsed<Schema> = Schema extends z.ZodType<infer Value> ? Value : undefined;

/** Types a route's handler by its schemas. */
export function route<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  definition: Omit<Route, 'params' | 'query' | 'body' | 'handle'> & {
    readonly params?: Params;
    readonly query?: Query;
    readonly body?: Body;
    readonly handle: (
      request: RouteRequest<Parsed<Params>, Parsed<Query>, Parsed<Body>>,
    ) => Promise<Reply>;
  },
): Route {
  return definition as unknown as Route;
}

/**
 * The serving end of an internal API; it learns which service calls. It takes what a caller of a newer
 * release sends and answers exactly as agreed.
 */
export function implement<Request extends z.ZodType, Response extends z.ZodType>(
  api: InternalApi<Request, Response>,
  summary: string,
  handle: (request: z.output<Request>, caller: ServiceName) => Promise<z.input<Response>>,
): Route {
  return route({
    method: 'post',
    path: api.path,
    summary,
    access: { services: api.callers },
    body: reader(api.request) as z.ZodType<z.output<Request>>,
    replies: { 200: api.response },
    async handle({ body, caller }) {
      if (caller.role !== 'service') throw problems.forbidden();
      return { body: written(api.response, await handle(body, caller.service)) };
    },
  });
}
