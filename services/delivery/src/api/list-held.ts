import type { deliveryApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { HeldMail } from '../handling/held.ts';

export function listHeld(held: HeldMail): Handler<typeof deliveryApi.listHeld> {
  return async () => {
    const messages = await held.list();
    const shown = messages.map((message) => ({
      ...message,
      acceptedAt: new Date(message.acceptedAt).toISOString(),
      heldAt: new Date(message.heldAt).toISOString(),
    }));
    return { status: 200, body: { held: shown } };
  };
}
