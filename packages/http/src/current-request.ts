import { AsyncLocalStorage } from 'node:async_hooks';
import type { Happening } from '@mysmtp/security-log';

/** Facts that a handler adds about its request, for the audit chain. The others are taken from the request. */
export type Description = Pick<Happening, 'type'> &
  Partial<Pick<Happening, 'tenant' | 'actor' | 'account' | 'object' | 'outcome' | 'reason'>>;

/** A request that is being answered. */
export interface CurrentRequest {
  readonly descriptions: Description[];
  /** The tenant whose data it is about, and the access (break-glass) that allows it. */
  about?: { readonly tenant: string; readonly ticket: string | null };
}

const current = new AsyncLocalStorage<CurrentRequest>();

export const answering = <Result>(request: CurrentRequest, work: () => Result): Result =>
  current.run(request, work);

/**
 * Says what the current request does, in more detail than its route: the audit chain then has these events
 * instead of the general one. The answer waits until they are chained, as it does for every act. Outside of a
 * request it does nothing: a job has no principal.
 */
export function describeRequest(what: Description): void {
  current.getStore()?.descriptions.push(what);
}

/** Names the tenant that a request of an operator is about. */
export function requestIsAbout(about: NonNullable<CurrentRequest['about']>): void {
  const request = current.getStore();
  if (request !== undefined) request.about = about;
}
