import {
  internalRoute,
  type AccountPrincipal,
  type ApiDefinition,
  type Principal,
  type RouteDefinition,
  type ServicePrincipal,
  type StreamKind,
} from '@mysmtp/api';
import type { InternalApi, ServiceName } from '@mysmtp/contracts';
import type { z } from 'zod';
import type { Page } from './page.ts';

type Parsed<Definition, Part extends 'params' | 'query' | 'body'> =
  Definition extends Readonly<Record<Part, infer Schema extends z.ZodType>>
    ? z.output<Schema>
    : undefined;

/** The principals that can pass: only those of a tenant if the route requires one. */
type Admitted<Access> = Access extends { readonly services: unknown }
  ? ServicePrincipal
  : Access extends { readonly permission: unknown }
    ? Access extends { readonly ofTenant: true }
      ? AccountPrincipal & { readonly tenant: string }
      : AccountPrincipal
    : Principal;

interface RouteRequest<Definition extends RouteDefinition> {
  readonly params: Parsed<Definition, 'params'>;
  readonly query: Parsed<Definition, 'query'>;
  readonly body: Parsed<Definition, 'body'>;
  readonly principal: Admitted<Definition['access']>;
  /** IP address of the client. */
  readonly clientAddress: string;
  /** The languages that the client accepts, the preferred one first (RFC 9110 12.5.4). */
  readonly languages: readonly string[];
}

type ReplyWith<Status, Kind> = {
  readonly status: Status;
  readonly headers?: Readonly<Record<string, string>>;
} & (Kind extends z.ZodType
  ? { readonly body: z.input<Kind> }
  : Kind extends 'octets'
    ? { readonly body: Buffer }
    : Kind extends StreamKind
      ? { readonly body: StreamBody }
      : unknown);

/** Text that is written while it is sent. If `chunks` throws, the connection is closed. */
export interface StreamBody {
  readonly type: string;
  readonly chunks: AsyncIterable<string>;
}

type Statuses<Definition extends RouteDefinition> = keyof Definition['replies'] & number;

/** The same content for people. */
type PageOf<Definition> = Definition extends { readonly page: true }
  ? { readonly page: Page }
  : unknown;

/** One of the replies that the definition names. */
type ReplyTo<Definition extends RouteDefinition> = {
  [Status in Statuses<Definition>]: ReplyWith<Status, Definition['replies'][Status]>;
}[Statuses<Definition>] &
  PageOf<Definition>;

/** The handler of a route. */
export type Handler<Definition extends RouteDefinition> = (
  request: RouteRequest<Definition>,
) => Promise<ReplyTo<Definition>>;

/** One for each route. A missing one is a type error. */
export type Handlers<Api extends ApiDefinition> = {
  readonly [Name in keyof Api]: Handler<Api[Name]>;
};

/** A reply of any route. */
export interface RouteReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly page?: Page;
}

/** A route with its handler. */
export interface Route extends RouteDefinition {
  /** Its operation id. */
  readonly name: string;
  readonly handle: (request: never) => Promise<RouteReply>;
}

/**
 * The routes of an API, each with its handler: `serve(api)({ name: handler, … })`. Two calls, so that
 * TypeScript infers the types of the handlers.
 */
export const serve =
  <Api extends ApiDefinition>(api: Api) =>
  (handlers: Handlers<Api>): Route[] =>
    Object.entries<RouteDefinition>(api).map(([name, definition]) => ({
      ...definition,
      name,
      handle: handlers[name as keyof Api] as Route['handle'],
    }));

/** One internal API; the handler gets the name of the calling service. */
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
