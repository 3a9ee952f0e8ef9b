import type { deliveryApi } from '@mysmtp/api';
import type { SuppressionGround } from '@mysmtp/contracts';
import { problems, type Handlers } from '@mysmtp/http';
import { addressIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import type { SuppressionDocument, SuppressionStore } from '../suppressions/store.ts';
import type { Suppressions } from '../suppressions/suppressions.ts';

type SuppressionHandlers = Pick<
  Handlers<typeof deliveryApi>,
  'listSuppressions' | 'searchSuppressions' | 'removeSuppression'
>;

const consequences: Readonly<Record<SuppressionGround, string>> = {
  objection:
    'This person has objected to your mail (GDPR Art. 21). If you remove the objection, mail is sent to the person again. You need the consent of the person.',
  restriction:
    'The use of the data of this person is restricted (GDPR Art. 18). Only a request lifts it, and the person is told before.',
};

const shown = ({ _id: id, ground, request, at }: SuppressionDocument) => ({
  id,
  ground,
  request,
  at: at.toISOString(),
  consequence: consequences[ground],
});

/** The suppressions of a tenant, for the tenant. */
export function suppressionHandlers(deps: {
  readonly store: SuppressionStore;
  readonly suppressions: Pick<Suppressions, 'remove'>;
  readonly tenants: Pick<Tenants, 'run'>;
}): SuppressionHandlers {
  const { store, suppressions, tenants } = deps;
  return {
    async listSuppressions({ query: { after = '', limit = 50 }, principal: { tenant } }) {
      const found = await tenants.run(tenant, 'read', () => store.page(tenant, after, limit + 1));
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1)?._id ?? null) : null;
      return { status: 200, body: { suppressions: page.map(shown), next } };
    },
    async searchSuppressions({ body: { address }, principal: { tenant } }) {
      const found = await tenants.run(tenant, 'read', async (scope) => {
        const { index } = await scope.keys();
        return store.of(tenant, [addressIndex(index, address)]);
      });
      return { status: 200, body: { suppressions: found.map(shown), next: null } };
    },
    async removeSuppression({ params: { id }, query: { confirm }, principal: { tenant } }) {
      const found = await store.find(id);
      if (found === undefined) throw problems.notFound();
      if (found.tenant !== tenant) throw problems.hidden('foreign');
      if (confirm === undefined) {
        throw problems.invalid([{ path: 'confirm', message: consequences[found.ground] }]);
      }
      if (found.ground === 'restriction') throw problems.conflict(consequences.restriction);
      await suppressions.remove(found);
      return { status: 204 };
    },
  };
}
