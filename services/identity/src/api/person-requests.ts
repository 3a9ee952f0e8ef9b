import type { identityApi } from '@mysmtp/api';
import type { Handlers } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

type PersonRequestHandlers = Pick<
  Handlers<typeof identityApi>,
  'noticeRequest' | 'noticeWaitingRequest' | 'findAccount' | 'correctAccount' | 'closeAccount'
>;

/** What privacy needs of identity for the rights of one person. */
export function personRequestRoutes({
  accounts,
  noticeOwners,
}: Pick<Stores, 'accounts' | 'noticeOwners'>): PersonRequestHandlers {
  const { people, rights } = accounts;
  return {
    async noticeRequest({ body: { tenant, request, kind, actsAt: acts, dueAt: due } }) {
      await noticeOwners(tenant, 'person-request', { kind, request, acts, due });
      return { status: 200, body: {} };
    },
    async findAccount({ body: { realm, person } }) {
      const found = await people.find(realm, person);
      if (found === undefined) return { status: 200, body: { address: null } };
      const { changedAt, undoneAt } = found;
      const address = await people.addressOf(found);
      return {
        status: 200,
        body: {
          address,
          ...(changedAt !== undefined && { changedAt }),
          ...(undoneAt !== undefined && { undoneAt }),
        },
      };
    },
    async noticeWaitingRequest({ body }) {
      await rights.noticeWaiting(body);
      return { status: 200, body: {} };
    },
    correctAccount: async ({ body }) => ({
      status: 200,
      body: { result: await rights.correct(body) },
    }),
    closeAccount: async ({ body: { realm, person } }) => ({
      status: 200,
      body: { result: await rights.close(realm, person) },
    }),
  };
}
