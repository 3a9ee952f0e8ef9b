import { identityApi, mayGrant } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';
import { beyondCreator } from './create-token.ts';

const { path: route } = identityApi.rotateToken;

export function rotateToken({
  tokens,
  telemetry,
}: Stores): Handler<typeof identityApi.rotateToken> {
  return async ({ params: { id }, body: { hours }, principal }) => {
    const token = ownOrNotFound(await tokens.find(id), principal, { route, telemetry });
    if (token.tenant !== principal.tenant) throw problems.notFound();
    // The caller gets a key with these permissions.
    if (!mayGrant(principal, token)) throw beyondCreator();
    const made = await tokens.rotate(principal, id, hours);
    if (made === undefined) throw problems.notFound();
    if (made === 'replaced') throw problems.conflict('This key already has a successor');
    return { status: 201, body: made };
  };
}
