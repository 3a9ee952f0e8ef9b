import type { TenantUnavailable } from '@mysmtp/contracts';

/**
 * An answer that says what is wrong (RFC 9457, `application/problem+json`). `detail` is written for
 * the caller: it never repeats what the caller sent, nor anything from a store.
 */
export class Problem extends Error {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    type: string,
    title: string,
    detail?: string,
    extra: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail ?? title);
    this.name = 'Problem';
    this.status = status;
    this.type = type;
    this.title = title;
    this.extra = extra;
    this.headers = headers;
  }
}

/** The problems that every API has; others are made where they occur. */
export const problems = {
  invalid: (issues: readonly { path: string; message: string }[]) =>
    new Problem(400, 'invalid-request', 'The request is not valid', undefined, { issues }),
  unauthenticated: () =>
    new Problem(
      401,
      'unauthenticated',
      'A valid bearer token is required',
      undefined,
      {},
      { 'www-authenticate': 'Bearer' },
    ),
  forbidden: () => new Problem(403, 'forbidden', 'This token may not do that'),
  notFound: () => new Problem(404, 'not-found', 'There is nothing here'),
  /** RFC 9110 15.5.6. Whatever answers GET answers HEAD too. */
  methodNotAllowed: (methods: readonly string[]) => {
    const allowed = methods.flatMap((method) =>
      method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
    );
    const allow = [...new Set(allowed)].sort().join(', ');
    return new Problem(
      405,
      'method-not-allowed',
      'This path does not take this method',
      undefined,
      {},
      { allow },
    );
  },
  conflict: (detail: string) => new Problem(409, 'conflict', 'That is not possible now', detail),
  /** RFC 9110 15.5.16; `acceptable` is a header that says what is supported. */
  unsupported: (detail: string, acceptable: Readonly<Record<string, string>>) =>
    new Problem(
      415,
      'unsupported-media-type',
      'The request body is of another kind',
      detail,
      {},
      acceptable,
    ),
  unavailable: (detail: string) => new Problem(503, 'unavailable', 'Try again in a moment', detail),
  /** What is gone for good is as unknown as what never was. */
  ofTenant: ({ reason, passes }: TenantUnavailable): Problem => {
    if (!passes) return problems.notFound();
    return problems.unavailable(
      reason === 'stale'
        ? 'This service does not know now which tenants are being erased'
        : 'The keys of this tenant cannot be had now',
    );
  },
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
