import { problemsOf } from '@mysmtp/api';
import { CodedError } from '@mysmtp/contracts';
import { Problem } from './problem.ts';
import type { RouteReply, Route, StreamBody } from './route.ts';

/** A reply that its definition does not allow: a bug in the handler or in the definition. */
export class ReplyMismatch extends CodedError {
  constructor(route: Route, says: string) {
    super(
      'reply_undeclared',
      `${route.name} returns a reply that its definition does not allow: ${says}`,
    );
    this.name = 'ReplyMismatch';
  }
}

/** Throws a `ReplyMismatch` for a reply with another status or form. Its message contains no value. */
export function checkReply(route: Route, { status, headers = {}, body }: RouteReply): void {
  const fail = (says: string): never => {
    throw new ReplyMismatch(route, says);
  };
  const kind = route.replies[status];
  if (kind === undefined) return fail(`status ${String(status)}`);
  const undeclared = Object.keys(headers).filter((name) => route.headers?.[name] === undefined);
  if (undeclared.length > 0) return fail(`header ${undeclared.join(', ')}`);
  if (kind === 'empty') return body === undefined ? undefined : fail('a body');
  if (kind === 'octets') return Buffer.isBuffer(body) ? undefined : fail('no octets');
  if ('stream' in kind) return isStream(body) ? undefined : fail('no stream');
  const issues = kind.safeParse(body).error?.issues ?? [];
  if (issues.length > 0) {
    fail(issues.map(({ path, code }) => `${path.map(String).join('.')} ${code}`).join(', '));
  }
}

export const isStream = (body: unknown): body is StreamBody =>
  typeof body === 'object' && body !== null && 'chunks' in body;

/** The error of a handler, or a `ReplyMismatch` if it is a problem that its definition does not name. */
export function checkedError(route: Route, error: unknown): unknown {
  if (!(error instanceof Problem) || problemsOf(route).includes(error.type)) return error;
  return new ReplyMismatch(route, `problem ${error.type}`);
}
