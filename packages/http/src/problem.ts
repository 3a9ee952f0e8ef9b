import { problemTypes, type ProblemType } from '@mysmtp/api';
import type { TenantUnavailable } from '@mysmtp/contracts';

/**
 * Why a principal may not do something. `foreign`: the thing belongs to another tenant or another person.
 * `access`: an operator has no open access to the tenant. Only a missing fresh factor and a refused service have an answer of their
 * own; all others get 404.
 */
export const refusalReasons = [
  'service',
  'permission',
  'realm',
  'domain',
  'fresh-factor',
  'foreign',
  'access',
] as const;
export type Refusal = (typeof refusalReasons)[number];

/**
 * An error response (RFC 9457, `application/problem+json`). `detail` is for the caller: it never repeats
 * input of the caller, nor content of a store.
 */
export class Problem extends Error {
  readonly status: number;
  readonly type: ProblemType;
  readonly title: string;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Why the request was refused, for the log and the audit chain. The client does not get it. */
  readonly refusal: Refused | undefined;

  constructor(
    type: ProblemType,
    more: {
      readonly detail?: string;
      readonly extra?: Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
      readonly refusal?: Refused;
    } = {},
  ) {
    const { status, title } = problemTypes[type];
    super(more.detail ?? title);
    this.name = 'Problem';
    this.status = status;
    this.type = type;
    this.title = title;
    this.extra = more.extra ?? {};
    this.headers = more.headers ?? {};
    this.refusal = more.refusal;
  }
}

interface Refused {
  /** `token`: nobody has this bearer token. */
  readonly reason: Refusal | 'token';
  /** The tenant that the request is about, if it is not that of the principal. */
  readonly tenant?: string;
}

/** The refusals that have an answer of their own. */
const openRefusals: Partial<Record<Refusal, ProblemType>> = {
  service: 'forbidden',
  'fresh-factor': 'fresh-factor-required',
};

/** Problems that are used in more than one module. */
export const problems = {
  invalid: (issues: readonly { path: string; message: string }[]) =>
    new Problem('invalid-request', { extra: { issues } }),
  unauthenticated: (more: { readonly refusal?: Refused } = {}) =>
    new Problem('unauthenticated', { headers: { 'www-authenticate': 'Bearer' }, ...more }),
  forbidden: () => new Problem('forbidden'),
  notFound: () => new Problem('not-found'),
  /** The answer to a principal that a route does not admit. */
  refused: (reason: Refusal) =>
    new Problem(openRefusals[reason] ?? 'not-found', { refusal: { reason } }),
  /** A refusal that looks like a thing that is not there. */
  hidden: (reason: Refusal, about: { readonly tenant?: string } = {}) =>
    new Problem('not-found', { refusal: { reason, ...about } }),
  /** RFC 9110 15.5.6. A path that answers GET answers HEAD too. */
  methodNotAllowed: (methods: readonly string[]) => {
    const allowed = methods.flatMap((method) =>
      method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
    );
    const allow = [...new Set(allowed)].sort().join(', ');
    return new Problem('method-not-allowed', { headers: { allow } });
  },
  conflict: (detail: string) => new Problem('conflict', { detail }),
  /** RFC 9110 15.5.16; `acceptable` is a header that lists the supported values. */
  unsupported: (detail: string, acceptable: Readonly<Record<string, string>>) =>
    new Problem('unsupported-media-type', { detail, headers: acceptable }),
  unavailable: (detail: string) => new Problem('unavailable', { detail }),
  /** A destroyed object is reported like one that never existed. */
  ofTenant: ({ reason, passes }: TenantUnavailable): Problem => {
    if (!passes) return problems.notFound();
    if (reason === 'suspended' || reason === 'restricted') return new Problem(reason);
    return problems.unavailable(
      reason === 'stale'
        ? 'The list of tenants under erasure is temporarily unavailable'
        : 'Encryption keys are temporarily unavailable',
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
