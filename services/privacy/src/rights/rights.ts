import type { RequestKind } from '@mysmtp/api';
import { rectification } from './rectification.ts';
import type { Right } from './right.ts';

/** What is done for each kind of request. */
export type Rights = Readonly<Record<RequestKind, Right>>;

export const createRights = (
  deps: Parameters<typeof rectification>[0] & {
    readonly erasePerson: Right;
    readonly personRights: { readonly rights: Omit<Rights, 'rectification' | 'erasure'> };
  },
): Rights => ({
  ...deps.personRights.rights,
  erasure: deps.erasePerson,
  rectification: rectification(deps),
});
