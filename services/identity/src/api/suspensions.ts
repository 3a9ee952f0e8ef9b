import type { identityApi } from '@mysmtp/api';
import { problems, type Handlers } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound, tenantFor } from './access.ts';

type Names = 'listSuspensions' | 'createSuspension' | 'appealSuspension' | 'answerSuspension';

/** The routes about suspensions. */
export function suspensionRoutes({
  suspensions,
  tenants,
}: Stores): Pick<Handlers<typeof identityApi>, Names> {
  return {
    async listSuspensions({ query, principal }) {
      const tenant = tenantFor(principal, query.tenant);
      if (!(await tenants.exists(tenant))) throw problems.notFound();
      return { status: 200, body: { suspensions: await suspensions.list(tenant) } };
    },
    async createSuspension({ body, principal }) {
      const made = await suspensions.suspend(principal, body);
      if (made === undefined) throw problems.notFound();
      return { status: 201, body: made };
    },
    async appealSuspension({ params: { id }, body: { text }, principal }) {
      ownOrNotFound(await suspensions.find(id), principal);
      if (!(await suspensions.appeal(principal, id, text))) {
        throw problems.conflict('There is an appeal already, or the suspension is lifted');
      }
      return { status: 204 };
    },
    async answerSuspension({ params: { id }, body: { text, lift }, principal }) {
      if ((await suspensions.find(id)) === undefined) throw problems.notFound();
      if (!(await suspensions.answer(principal, id, text, lift))) {
        throw problems.conflict(
          'There is no appeal without an answer, or the suspension is lifted',
        );
      }
      return { status: 204 };
    },
  };
}
