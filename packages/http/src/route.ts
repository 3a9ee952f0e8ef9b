import {
  internalRoute,
  type ApiDefinition,
  type Principal,
  type RouteDefinition,
  type ServicePrincipal,
  type TokenPrincipal,
} from '@mysmtp/api';
import type { InternalApi, ServiceName } from '@mysmtp/contracts';
import type { z } from 'zod';

type Parsed<Definition, Part extends 'params' | 'query' | 'body'> =
  Definition extends Readonly<Record<Part, infer Schema extends z.ZodType>>
    ? z.output<Schema>
    : undefined;

/** Who can have passed: of a tenant if the route is only for those who are. */
type Admitted<Access> = Access extends { readonly services: unknown }
  ? ServicePrincipal
  : Access extends { readonly permission: unknown }
    ? Access extends { readonly ofTenant: true }
      ? TokenPrincipal & { readonly tenant: string }
      : TokenPrincipal
    : Principal;

interface RouteRequest<Definition extends RouteDefinition> {
  readonly params: Parsed<Definition, 'params'>;
  readonly query: Parsed<Definition, 'query'>;
  readonly body: Parsed<Definition, 'body'>;
  readonly principal: Admitted<Definition['access']>;
}

type ReplyWith<Status, Kind> = {
  readonly status: Status;
  readonly headers?: Readonly<Record<string, string>>;
} & (Kind extends z.ZodType
  ? { readonly body: z.input<Kind> }
  : Kind extends 'octets'
    ? { readonly body: Buffer }
    : unknown);

type Statuses<Definition extends RouteDefinition> = keyof Definition['replies'] & number;

/** One of the replies that the definition names. */
type ReplyTo<Definition extends RouteDefinition> = {
  [Status in Statuses<Definition>]: ReplyWith<Status, Definition['replies'][Status]>;
}[Statuses<Definition>];

/** What a service does for a route. */
export type Handler<Definition extends RouteDefinition> = (
  request: RouteRequest<Definition>,
) => Promise<ReplyTo<Definition>>;

/** One for each route: a missing one is an error of types. */
export type Handlers<Api extends ApiDefinition> = {
  readonly [Name in keyof Api]: Handler<Api[Name]>;
};

/** A reply of any route. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A route with what a service does for it. */
export interface Route extends RouteDefinition {
  /** Its operation id. */
  readonly name: string;
  readonly handle: (request: never) => Promise<Reply>;
}

/**
 * The routes of an API, each with its handler: `serve(api)({ name: handler, … })`. In two calls, so that
 * the types of the handlers are known when they are read.
 */
export const serve =
  <Api extends ApiDefinition>(api: Api) =>
  (handlers: Handlers<Api>): Route[] =>
    Object.entries<RouteDefinition>(api).map(([name, definition]) => ({
      ...definition,
      name,
      handle: handlers[name as keyof Api] as Route['handle'],
    }));

/** One internal API by itself; it learns which service calls. */
export function implement<Request extends z.ZodType, Response extends z.ZodType>(
  api: InternalApi<Request, Response>,
  summary: string,
  handle: (request: z.output<Request>, caller: ServiceName) => Promise<z.input<Response>>,
): Route {
  return {
    ...internalRoute(api, summary),
    name: api.path,
    handle: async ({
      body,
      principal,
    }: {
      body: z.output<Request>;
      principal: ServicePrincipal;
    }) => ({ status: 200, body: await handle(body, principal.id) }),
  };
}
