import type { identityApi } from '@mysmtp/api';
import { minute } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { boundsOf, ownOrNotFound } from './access.ts';

export function rotateCredential(stores: Stores): Handler<typeof identityApi.rotateCredential> {
  const { credentials } = stores;
  return async ({ params: { id }, body: { overlapMinutes }, principal }) => {
    ownOrNotFound(await credentials.find(id), principal);
    const bounds = await boundsOf(stores, principal);
    const rotated = await credentials.rotate(principal, id, overlapMinutes * minute, bounds);
    if (rotated === undefined) throw problems.notFound();
    if (rotated === 'network') throw problems.conflict('A network credential has no password');
    return { status: 200, body: rotated };
  };
}
