import type { ExportedAccount } from '@mysmtp/contracts';
import type { PersonStores } from '@mysmtp/orders';
import { addressIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import type { z } from 'zod';
import type { People } from './people/people.ts';

/** What identity has of a person: an account with the address in the team of the customer. */
export function personStoresOf(deps: {
  readonly people: Pick<People, 'list' | 'view'>;
  readonly tenants: Pick<Tenants, 'run'>;
}): PersonStores {
  const { people, tenants } = deps;
  return {
    gather: {
      async *'identity.people'({ tenant, person }) {
        const key = await tenants.run(tenant, 'read', (scope) => scope.key('index'));
        // The index of an account is that of the address in lower case, so it may be another one.
        for (const one of await people.list(tenant)) {
          const { id, address: email, name, role, createdAt: joinedAt } = await people.view(one);
          const account: z.infer<typeof ExportedAccount> = { id, email, name, role, joinedAt };
          if (addressIndex(key, email) === person || one.emailIndex === person) yield [account];
        }
      },
    },
    mark: {},
  };
}
