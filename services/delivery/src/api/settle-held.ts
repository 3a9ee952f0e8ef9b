import type { deliveryApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { HeldMail } from '../handling/held.ts';

export function settleHeld(held: HeldMail): Handler<typeof deliveryApi.settleHeld> {
  return async ({ params, body, principal }) => {
    const done = await held[body.action](principal, params.id);
    if (!done) throw problems.notFound();
    return { status: 204 };
  };
}
