import { z } from 'zod';

/** Every kind of problem that an API answers with (RFC 9457). A status has one. */
export const problemTypes = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'A valid bearer token is required' },
  forbidden: { status: 403, title: 'This token may not do that' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'This path does not take this method' },
  conflict: { status: 409, title: 'That is not possible now' },
  gone: { status: 410, title: 'There is no such content any more' },
  'too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The request body is of another kind' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Try again in a moment' },
} as const;

export type ProblemType = keyof typeof problemTypes;

/** The body of such an answer, `application/problem+json`. */
export const ProblemBody = z
  .looseObject({
    type: z.string().describe('A URN of ours: stable, for programs to compare'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    issues: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .optional()
      .describe('What is not valid, and where'),
  })
  .meta({ id: 'Problem' });
