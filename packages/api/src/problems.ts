import { z } from 'zod';

/** Every kind of problem that an API returns (RFC 9457). Each has one status. */
export const problemTypes = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'A valid bearer token is required' },
  forbidden: { status: 403, title: 'This service may not make this call' },
  'fresh-factor-required': {
    status: 403,
    title: 'A second factor is required that was presented within the last five minutes',
  },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'This path does not support this method' },
  conflict: { status: 409, title: 'Not possible in the current state' },
  gone: { status: 410, title: 'This content no longer exists' },
  'too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The type of the request body is not supported' },
  'wrong-credentials': { status: 422, title: 'Wrong address, password or second factor' },
  'sign-in-refused': { status: 403, title: 'The sign-in at the provider leads to no account' },
  suspended: { status: 423, title: 'This account is suspended' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  restricted: { status: 451, title: 'The use of the data of this account is restricted' },
  internal: { status: 500, title: 'An internal error occurred' },
  unavailable: { status: 503, title: 'Temporarily unavailable. Retry later' },
} as const;

export type ProblemType = keyof typeof problemTypes;

/** The body of a problem response, `application/problem+json`. */
export const ProblemBody = z
  .looseObject({
    type: z.string().describe('A stable URN of ours, for programs to compare'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    issues: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .optional()
      .describe('The invalid fields, with reasons'),
  })
  .meta({ id: 'Problem' });
