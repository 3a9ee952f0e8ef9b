import { STATUS_CODES } from 'node:http';
import type { ServiceName } from '@mysmtp/contracts';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import {
  problemsOf,
  type Access,
  type ApiDefinition,
  type ReplyKind,
  type RouteDefinition,
} from './definition.ts';
import { ruleOf } from './permissions.ts';
import { ProblemBody, problemTypes, type ProblemType } from './problems.ts';

export type ApiDocument = ReturnType<typeof createDocument>;

/** The OpenAPI 3.1 document of these routes, each tagged with the services that have it. */
export function documentOf(
  title: string,
  apis: Readonly<Partial<Record<ServiceName, ApiDefinition>>>,
): ApiDocument {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [service, api] of Object.entries(apis)) {
    for (const [operationId, route] of Object.entries(api)) {
      const operations = (paths[route.path] ??= {});
      const tags = operations[route.method]?.tags ?? [];
      operations[route.method] = { ...operationOf(operationId, route), tags: [...tags, service] };
    }
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title, version: '1' },
    tags: Object.keys(apis).map((name) => ({ name })),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, or the token of a session',
        },
        service: { type: 'http', scheme: 'bearer', description: 'The token of another service' },
      },
    },
    paths,
  });
}

function operationOf(operationId: string, route: RouteDefinition): ZodOpenApiOperationObject {
  const { summary, access, params, query, body, examples } = route;
  return {
    operationId,
    summary,
    ...securityOf(access),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      ...(query === undefined ? {} : { query }),
    },
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              ...json(body, examples?.body),
              ...(route.form === true && { 'application/x-www-form-urlencoded': { schema: body } }),
            },
          },
        }),
    responses: responsesOf(route),
  };
}

function securityOf(access: Access): Pick<ZodOpenApiOperationObject, 'security' | 'description'> {
  if ('public' in access) return { security: [], description: 'For everybody.' };
  if ('services' in access) {
    return { security: [{ service: [] }], description: `For ${access.services.join(', ')}.` };
  }
  const { roles, scope, fresh } = ruleOf(access.permission);
  const sentences = [
    `For the permission \`${access.permission}\`: ${roles.join(', ')}${scope ? ', or an API key with this scope' : ''}.`,
    ...(fresh === true ? ['A person needs a fresh second factor.'] : []),
  ];
  return { security: [{ token: [access.permission] }], description: sentences.join(' ') };
}

function responsesOf(route: RouteDefinition): ZodOpenApiResponsesObject {
  const responses: Record<string, ZodOpenApiResponseObject> = {};
  for (const [status, kind] of Object.entries(route.replies)) {
    responses[status] = {
      description: STATUS_CODES[status] ?? status,
      ...(route.headers === undefined ? {} : { headers: headersOf(route.headers) }),
      ...(kind === 'empty'
        ? {}
        : {
            content: {
              ...contentOf(kind, route.examples?.replies?.[Number(status)]),
              ...(route.page === true ? { 'text/html': {} } : undefined),
            },
          }),
    };
  }
  for (const type of problemsOf(route)) {
    responses[String(problemTypes[type].status)] = problemResponses[type];
  }
  return responses;
}

function contentOf(kind: Exclude<ReplyKind, 'empty'>, example: unknown) {
  if (kind === 'octets') return { 'application/octet-stream': {} };
  if ('stream' in kind) return Object.fromEntries(kind.stream.map((type) => [type, {}]));
  return json(kind, example);
}

const headersOf = (headers: Readonly<Record<string, string>>) =>
  z.object(
    Object.fromEntries(
      Object.entries(headers).map(([name, says]) => [name, z.string().describe(says)]),
    ),
  );

const json = (schema: z.ZodType, example: unknown) => ({
  'application/json': { schema, ...(example === undefined ? {} : { example }) },
});

/** Response headers of a problem that tell the client how to proceed. */
const problemHeaders: Partial<Record<ProblemType, Readonly<Record<string, string>>>> = {
  unauthenticated: { 'www-authenticate': 'Bearer' },
  'rate-limited': { 'retry-after': 'Seconds after which to retry' },
};

/** One component for each. */
const problemResponses = Object.fromEntries(
  Object.entries(problemTypes).map(([type, { title }]) => {
    const headers = problemHeaders[type as ProblemType];
    const response: ZodOpenApiResponseObject = {
      id: type,
      description: title,
      content: { 'application/problem+json': { schema: ProblemBody } },
      ...(headers === undefined ? {} : { headers: headersOf(headers) }),
    };
    return [type, response];
  }),
) as Readonly<Record<ProblemType, ZodOpenApiResponseObject>>;
