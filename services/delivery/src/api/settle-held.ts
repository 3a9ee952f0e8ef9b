import type { deliveryApi } from '@mysmtp/api';
import { NotCurrentError } from '@mysmtp/erasure';
import { problems, type Handler } from '@mysmtp/http';
import type { Held } from '../handling/held.ts';

export function settleHeld(held: Held): Handler<typeof deliveryApi.settleHeld> {
  return async ({ params, body, principal }) => {
    const done = await held[body.action](principal, params.id).catch((error: unknown) => {
      if (error instanceof NotCurrentError) {
        throw problems.unavailable('Nothing can be settled right now');
      }
      throw error;
    });
    if (!done) throw problems.notFound();
    return { status: 204 };
  };
}
