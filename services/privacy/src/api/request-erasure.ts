import type { privacyApi } from '@mysmtp/api';
import { actorText } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { requestErasure } from '../erasures/request.ts';

export function requestErasureHandler(
  deps: Parameters<typeof requestErasure>[1] & { log: Logger },
): Handler<typeof privacyApi.requestErasure> {
  return async ({ body: { tenant }, principal }) => {
    const requested = await requestErasure({ kind: 'tenant', tenant }, deps);
    if (requested === undefined) throw problems.notFound();
    const { id, nonce } = requested;
    if (nonce !== undefined) {
      const actor = actorText(principal);
      deps.log.info('erasure.requested', { actor, erasure: id, tenant });
    }
    return {
      status: 202,
      headers: { location: `/v1/erasures/${id}` },
      body: nonce === undefined ? {} : { nonce },
    };
  };
}
