import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import helmet from 'helmet';
import { Histogram, type Registry } from 'prom-client';
import type { z } from 'zod';
import { authorize, type TokenLookup } from './authorize.ts';
import type { CallerVerifier } from './trust/trust.ts';
import { openApiDocument } from './openapi.ts';
import { Problem, problemBody, problems } from './problem.ts';
import type { Route } from './route.ts';

export interface ApiOptions {
  readonly service: ServiceName;
  readonly address: string;
  readonly port: number;
  readonly routes: readonly Route[];
  /** Whose token it is, by the SHA-256 of the token; `undefined` for a token that never was or is no more. */
  readonly tokens: TokenLookup;
  readonly callers: CallerVerifier;
  readonly log: Logger;
  readonly metrics: Registry;
}

export interface Api {
  readonly port: number;
  /** Stops accepting, finishes the requests under way, closes. */
  close(): Promise<void>;
}

/** Serves routes: authorization first, then validation by schema, then the handler; errors as RFC 9457. */
export async function openApi(options: ApiOptions): Promise<Api> {
  const { service, log } = options;
  const duration = new Histogram({
    name: 'mysmtp_http_request_duration_seconds',
    help: 'Time to answer an API request, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [options.metrics],
  });
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(helmet());

  const document = openApiDocument(`mySMTP ${service}`, options.routes);
  app.get('/openapi.json', (_request, response) => void response.json(document));

  for (const route of options.routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const read = express.json({ limit: route.bodyLimit ?? 65_536, strict: true });
    app[route.method](path, async (request: Request, response: Response) => {
      const stop = duration.startTimer({ method: route.method, route: route.path });
      response.once('close', () => stop({ status: response.statusCode }));
      const caller = await authorize(route.access, request, options);
      if (route.body !== undefined) await readBody(read, request, response);
      const reply = await route.handle({
        params: parse(route.params, request.params) as never,
        query: parse(route.query, request.query) as never,
        body: parse(route.body, request.body) as never,
        caller,
      });
      response.status(reply.status ?? 200).set(reply.headers ?? {});
      if (reply.stream !== undefined) await pipeline(reply.stream, response);
      else if (Buffer.isBuffer(reply.body)) response.send(reply.body);
      else if (reply.body === undefined) response.end();
      else response.json(reply.body);
    });
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
    // Part of the answer is out already: the only honest end is a broken connection.
    if (response.headersSent) return next(error);
    if (problem.status === 401) response.set('www-authenticate', 'Bearer');
    response.status(problem.status).type('application/problem+json');
    response.send(JSON.stringify(problemBody(problem)));
  };
  app.use(onError);

  const server = createServer(app);
  // A client that sends its request one byte at a time is not waited for.
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function readBody(
  read: ReturnType<typeof express.json>,
  request: Request,
  response: Response,
): Promise<void> {
  return new Promise((resolve, reject) => {
    read(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw problems.invalid(
    result.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.'),
      message: issue.message,
    })),
  );
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // Errors of express.json: bad JSON, too large, wrong charset. Their messages quote the body.
  const status = (error as { status?: unknown }).status;
  if (status === 413) return new Problem(413, 'too-large', 'The request body is too large');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return problems.invalid([{ path: '', message: 'The body is not valid JSON' }]);
  }
  return new Problem(500, 'internal', 'Something went wrong on our side');
}
