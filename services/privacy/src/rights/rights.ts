import type { RequestKind } from '@mysmtp/api';
import { rectification } from './rectification.ts';
import type { Right } from './right.ts';

/** What is done for each kind of request. A request of a kind that is not here waits. */
export type Rights = Readonly<Partial<Record<RequestKind, Right>>>;

export const createRights = (deps: Parameters<typeof rectification>[0]): Rights => ({
  rectification: rectification(deps),
});
