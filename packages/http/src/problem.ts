/**
 * An answer that says what is wrong (RFC 9457, `application/problem+json`). `detail` is written for
 * the caller: it never repeats what the caller sent, nor anything from a store.
 */
export class Problem extends Error {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    type: string,
    title: string,
    detail?: string,
    extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail ?? title);
    this.name = 'Problem';
    this.status = status;
    this.type = type;
    this.title = title;
    this.extra = extra;
  }
}

/** The problems that every API has; others are made where they occur. */
export const problems = {
  invalid: (issues: readonly { path: string; message: string }[]) =>
    new Problem(400, 'invalid-request', 'The request is not valid', undefined, { issues }),
  unauthenticated: () =>
    new Problem(401, 'unauthenticated', 'A valid bearer token is required', undefined),
  forbidden: () => new Problem(403, 'forbidden', 'This token may not do that'),
  notFound: () => new Problem(404, 'not-found', 'There is nothing here'),
  conflict: (detail: string) => new Problem(409, 'conflict', 'That is not possible now', detail),
  unavailable: (detail: string) => new Problem(503, 'unavailable', 'Try again in a moment', detail),
};

export function problemBody(problem: Problem): Record<string, unknown> {
  return {
    type: `urn:mysmtp:problem:${problem.type}`,
    title: problem.title,
    status: problem.status,
    ...(problem.message === problem.title ? {} : { detail: problem.message }),
    ...problem.extra,
  };
}
