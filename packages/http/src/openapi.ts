import { z } from 'zod';
import { everybody, route, type PublicRoute, type Route } from './route.ts';

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
  },
};

/** Serves the OpenAPI 3.1 document of a public API, made from its routes. */
export function openApiRoute(title: string, routes: readonly PublicRoute[]): Route {
  const document = documentOf(title, routes);
  return route({
    method: 'get',
    path: '/openapi.json',
    summary: 'The OpenAPI document of this API',
    access: everybody,
    replies: { 200: z.record(z.string(), z.unknown()) },
    handle: () => Promise.resolve({ body: document }),
  });
}

function documentOf(title: string, routes: readonly PublicRoute[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = {
      summary: route.summary,
      ...securityOf(route.access),
      parameters: [...parametersOf('path', route.params), ...parametersOf('query', route.query)],
      ...(route.body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: json(schemaOf(route.body, 'input')),
            },
          }),
      responses: {
        ...Object.fromEntries(
          Object.entries(route.replies).map(([status, schema]) => [
            status,
            {
              description: status,
              ...(schema === null ? {} : { content: json(schemaOf(schema, 'output')) }),
            },
          ]),
        ),
        default: {
          description: 'What is wrong (RFC 9457)',
          content: { 'application/problem+json': { schema: problemSchema } },
        },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '1' },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: "An owner's or operator's token" },
      },
    },
    paths,
  };
}

function securityOf(access: PublicRoute['access']): Record<string, unknown> {
  if ('public' in access) return { security: [] };
  return { security: [{ token: [] }], description: `For ${access.roles.join(' or ')}.` };
}

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined): unknown[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input');
  return Object.entries(properties as Record<string, unknown>).map(([name, value]) => ({
    name,
    in: place,
    required: place === 'path' || (required as string[]).includes(name),
    schema: value,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

const json = (schema: unknown) => ({ 'application/json': { schema } });
