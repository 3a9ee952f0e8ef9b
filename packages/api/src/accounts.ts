import { accountApi } from './accounts/own.ts';
import { peopleApi } from './accounts/people.ts';
import { signInApi } from './accounts/public.ts';

/** Accounts of people: sign-up, sign-in, the own account, and the people of a realm. */
export const accountsApi = { ...signInApi, ...accountApi, ...peopleApi } as const;
