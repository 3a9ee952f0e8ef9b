import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

export function changeCredential({
  credentials,
}: Stores): Handler<typeof identityApi.changeCredential> {
  return async ({ params: { id }, body, principal }) => {
    const { kind } = ownOrNotFound(await credentials.find(id), principal);
    if (kind === 'network' && body.networks !== undefined) {
      throw problems.conflict('A network credential has exactly one network');
    }
    const changed = await credentials.change(principal, id, body);
    if (changed === undefined) throw problems.notFound();
    return { status: 200, body: changed };
  };
}
