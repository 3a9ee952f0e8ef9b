import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { boundsOf, ownOrNotFound } from './access.ts';

export function changeCredential(stores: Stores): Handler<typeof identityApi.changeCredential> {
  const { credentials } = stores;
  return async ({ params: { id }, body, principal }) => {
    const { kind } = ownOrNotFound(await credentials.find(id), principal);
    if (kind === 'network' && body.networks !== undefined) {
      throw problems.conflict('A network credential has exactly one network');
    }
    const bounds = await boundsOf(stores, principal);
    const changed = await credentials.change(principal, id, body, bounds);
    if (changed === undefined) throw problems.notFound();
    return { status: 200, body: changed };
  };
}
