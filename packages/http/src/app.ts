import type { RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isPublic, type Principal, type RouteDefinition } from '@mysmtp/api';
import { actorText, TenantUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Counter, Histogram } from 'prom-client';
import type { z } from 'zod';
import {
  authenticate,
  refusalOf,
  refuseStopped,
  type AccountLookup,
  type TokenLookup,
} from './authorize.ts';
import { bodyReader } from './body.ts';
import { checkedError, checkReply, ReplyMismatch } from './check-reply.ts';
import { answering } from './current-request.ts';
import { htmlOf, pagePolicy, problemPage, type Page } from './page.ts';
import { Problem, problemBody, problems, type Refusal } from './problem.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Report, Reports } from './reports.ts';
import type { RouteReply, Route, StreamBody } from './route.ts';
import type { CallerVerifier } from './trust/trust.ts';

/**
 * Answers the requests of one listener: authorization first, then validation by schema, then the handler;
 * errors as RFC 9457. A path outside `routes` gets 404.
 */
export function createApp(
  routes: readonly Route[],
  deps: {
    readonly tokens: TokenLookup;
    readonly accounts: AccountLookup;
    readonly callers: CallerVerifier;
    readonly log: Logger;
    /** Whether a reply that its definition does not allow is an error. Set in tests and development. */
    readonly checkReplies: boolean;
    readonly rateLimiter: RateLimiter;
    /** Labels: method, route, status. */
    readonly duration: Histogram<'method' | 'route' | 'status'>;
    /** Of services with a valid token, also if the route is not open to them. */
    readonly internalRequests: Counter<'caller' | 'route' | 'status'>;
    readonly refusals: Counter<'reason'>;
    readonly reports: Reports;
    readonly clock: Clock;
  },
): RequestListener {
  const { duration, internalRequests, refusals, clock, log, checkReplies, rateLimiter, reports } =
    deps;
  /**
   * Records the actor and the result: services in a metric, operators one by one in the log. `object` is the
   * id in the path. If it was not found, it may contain any text and is not logged.
   */
  function account(principal: Principal, route: Route, status: number, object: unknown): void {
    const { method, path } = route;
    if (principal.kind === 'service') {
      internalRequests.inc({ caller: principal.id, route: path, status });
    } else if (principal.kind !== 'public' && principal.tenant === null) {
      const found = status < 400 ? { object } : undefined;
      log.info('operator.acted', {
        actor: actorText(principal),
        ...(principal.kind === 'token' ? { token: principal.id } : undefined),
        method,
        route: path,
        status,
        ...found,
      });
    }
  }

  /** Logs and counts a refusal (ASVS 8.2.2, 16.3.2). */
  function noteRefusal(
    reason: Refusal,
    principal: Principal,
    { method, path }: Route,
    tenant = 'tenant' in principal ? principal.tenant : null,
  ): void {
    refusals.inc({ reason });
    log.warn(refusalEvents[reason], {
      ...(principal.kind === 'public' ? undefined : { actor: actorText(principal) }),
      ...(tenant === null ? undefined : { tenant }),
      method,
      route: path,
      reason,
    });
  }

  function refuseCaller(reason: Refusal, principal: Principal, route: Route): never {
    noteRefusal(reason, principal, route);
    throw problems.refused(reason);
  }

  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(helmet());
  // Answers contain secrets and personal data (ASVS 14.3.2), except what everybody may read.
  app.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });

  async function handle(
    route: Route,
    request: Parameters<Route['handle']>[0],
    principal: Principal,
  ): Promise<RouteReply> {
    try {
      const reply = await route.handle(request);
      // A service gets exactly the fields of the contract.
      if (checkReplies || !isPublic(route)) checkReply(route, reply);
      return reply;
    } catch (error) {
      if (error instanceof Problem && error.refusal !== undefined) {
        const { reason, tenant } = error.refusal;
        if (reason !== 'token') noteRefusal(reason, principal, route, tenant);
      }
      throw checkReplies ? checkedError(route, error) : error;
    }
  }

  /** Everything before the reply is sent. */
  async function answer(
    route: Route,
    readBody: ReturnType<typeof bodyReader>,
    report: Report,
    request: Request,
    response: Response,
  ): Promise<RouteReply> {
    const principal = await authenticate(route.access, request, deps);
    if (principal === undefined) {
      const hasToken = request.headers.authorization !== undefined;
      if (isPublic(route)) await rateLimiter.countStranger(request);
      throw problems.unauthenticated(hasToken ? { refusal: { reason: 'token' } } : {});
    }
    report.principal = principal;
    const object = request.params['id'];
    response.once('close', () => account(principal, route, response.statusCode, object));
    const tenant = 'tenant' in principal ? principal.tenant : null;
    const owner = tenant === null ? undefined : await deps.accounts(tenant);
    if (tenant !== null && owner !== undefined) {
      await rateLimiter.admitTenant(tenant, owner.requests);
    }
    await rateLimiter.admit(route, principal, request, response);
    const refusal = refusalOf(route.access, principal, { id: object, now: clock.now() });
    if (refusal !== undefined) refuseCaller(refusal, principal, route);
    refuseStopped(route, owner);
    const body = await readBody(request, response);
    const params = parse(route.params, request.params);
    const input = { query: parse(route.query, request.query), body: parse(route.body, body) };
    report.input = input;
    reports.begin(report);
    const { address: clientAddress } = report;
    const languages = request.acceptsLanguages();
    return handle(
      route,
      { params, ...input, principal, clientAddress, languages } as never,
      principal,
    );
  }

  const serveRoute = (route: Route): void => {
    const readBody = bodyReader(route);
    app[route.method](pattern(route), async (request: Request, response: Response) => {
      const stop = duration.startTimer({ method: route.method, route: route.path });
      response.once('close', () => stop({ status: response.statusCode }));
      const object = request.params['id'];
      const report: Report = {
        route,
        address: request.socket.remoteAddress ?? '',
        principal: undefined,
        object: typeof object === 'string' ? object : null,
        descriptions: [],
      };
      let reply: RouteReply;
      try {
        reply = await answering(report, () => answer(route, readBody, report, request, response));
        await reports.done(report);
      } catch (error) {
        reports.failed(report, error);
        const problem = asProblem(error);
        const isForPerson = route.form === true && request.accepts(['json', 'html']) === 'html';
        if (!isForPerson || problem.status >= 500) throw error;
        response.status(problem.status).set(problem.headers);
        return sendPage(response, problemPage(problem));
      }
      if ('public' in route.access && route.method === 'get') {
        response.removeHeader('cache-control');
      }
      response.status(reply.status).set(reply.headers ?? {});
      if (route.replies[reply.status] === 'octets') response.type('application/octet-stream');
      const kind = route.replies[reply.status];
      if (kind !== undefined && typeof kind !== 'string' && 'stream' in kind) {
        return send(reply.body as StreamBody, response);
      }
      if (route.page === true) response.vary('Accept, Accept-Language');
      if (reply.page !== undefined && request.accepts(['json', 'html']) === 'html') {
        sendPage(response, reply.page);
      } else if (Buffer.isBuffer(reply.body)) response.send(reply.body);
      else if (reply.body === undefined) response.end();
      else response.json(reply.body);
    });
  };
  for (const ofPath of byPath(routes)) {
    for (const route of ofPath) serveRoute(route);
    const methods = ofPath.map(({ method }) => method);
    app.all(
      ofPath.map((route) => pattern(route)),
      () => {
        throw problems.methodNotAllowed(methods);
      },
    );
  }
  app.use(() => {
    throw problems.notFound();
  });

  const onError: ErrorRequestHandler = (error, request, response, next) => {
    const problem = asProblem(error);
    if (problem.status >= 500) {
      const route = (request.route as { path?: string } | undefined)?.path;
      log.error('api.failed', { error, method: request.method, route, status: problem.status });
    }
    // Part of the answer is already sent, so the connection is closed to report the failure.
    if (response.headersSent) return next(error);
    refuse(response, problem);
  };
  app.use(onError);

  return (request, response) => {
    app(request as Request, response as Response, () => {
      if (response.headersSent) response.destroy();
      // The router fails before the first handler if the target is no URL (`http://[`).
      else refuse(response as Response, undecodable());
    });
  };
}

/** How each refusal is named in the log. */
const refusalEvents: Readonly<Record<Refusal, string>> = {
  service: 'access.refused',
  permission: 'access.refused',
  realm: 'access.refused',
  domain: 'access.refused',
  'fresh-factor': 'access.refused',
  foreign: 'access.foreign',
  access: 'access.missing',
};

/**
 * The routes of each path. A path with more parameters comes later: `/v1/things/newest` is no id of
 * `/v1/things/{id}`, for no method.
 */
const byPath = (routes: readonly Route[]): Route[][] =>
  [...Map.groupBy(routes, ({ path }) => path.replaceAll(/\{\w+\}/g, '{}'))]
    .toSorted(([a], [b]) => a.split('{').length - b.split('{').length)
    .map(([, ofPath]) => ofPath);

/** Reads no further than the client does. If a chunk fails, the client gets an incomplete body. */
async function send({ type, chunks }: StreamBody, response: Response): Promise<void> {
  response.setHeader('content-type', type);
  try {
    await pipeline(Readable.from(chunks, { objectMode: false }), response);
  } catch (error) {
    const isGone = (error as { code?: unknown }).code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!isGone) throw error;
  }
}

function sendPage(response: Response, page: Page): void {
  response.set('content-security-policy', pagePolicy(page)).type('html').send(htmlOf(page));
}

/** As express writes it: `/v1/things/:id`. */
const pattern = ({ path }: RouteDefinition) => path.replaceAll(/\{(\w+)\}/g, ':$1');

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw problems.invalid(
    result.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.'),
      // The message of zod repeats the names of the fields.
      message: issue.code === 'unrecognized_keys' ? 'There is an unknown field' : issue.message,
    })),
  );
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TenantUnavailable) return problems.ofTenant(error);
  // The router could not decode a parameter. Its message quotes the parameter.
  if (error instanceof URIError && 'status' in error && error.status === 400) {
    return undecodable();
  }
  return new Problem('internal', error instanceof ReplyMismatch ? { detail: error.message } : {});
}

const undecodable = () =>
  problems.invalid([{ path: 'path', message: 'The path cannot be decoded' }]);

function refuse(response: Response, problem: Problem): void {
  response.status(problem.status).set(problem.headers).type('application/problem+json');
  response.send(JSON.stringify(problemBody(problem)));
}
