import type { identityApi } from '@mysmtp/api';
import { minute } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

export function rotateCredential({
  credentials,
}: Stores): Handler<typeof identityApi.rotateCredential> {
  return async ({ params: { id }, body: { overlapMinutes }, principal }) => {
    ownOrNotFound(await credentials.find(id), principal);
    const rotated = await credentials.rotate(principal, id, overlapMinutes * minute);
    if (rotated === undefined) throw problems.notFound();
    if (rotated === 'network') throw problems.conflict('A network credential has no password');
    return { status: 200, body: rotated };
  };
}
