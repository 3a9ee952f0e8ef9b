import { z } from 'zod';
import type { Access, Route } from './route.ts';

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

/** The OpenAPI 3.1 document of an API, made from its routes. */
export function openApiDocument(title: string, routes: readonly Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = {
      summary: route.summary,
      ...securityOf(route.access),
      parameters: [...parametersOf('path', route.params), ...parametersOf('query', route.query)],
      ...(route.body === undefined
        ? {}
        : { requestBody: { required: true, content: json(schemaOf(route.body, 'input')) } }),
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
        service: {
          type: 'http',
          scheme: 'bearer',
          description: 'A short-lived token of a service',
        },
      },
    },
    paths,
  };
}

function securityOf(access: Access): Record<string, unknown> {
  if ('public' in access) return { security: [] };
  return 'services' in access
    ? { security: [{ service: [] }], description: `For ${access.services.join(', ')}.` }
    : { security: [{ token: [] }], description: `For ${access.roles.join(' or ')}.` };
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
