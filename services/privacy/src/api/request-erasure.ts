import type { privacyApi } from '@mysmtp/api';
import { actorText } from '@mysmtp/contracts';
import { Problem, problems, type Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { requestErasure } from '../erasures/request.ts';

export function requestErasureHandler(
  deps: Parameters<typeof requestErasure>[1] & {
    log: Logger;
    isRestricted: (tenant: string) => boolean;
  },
): Handler<typeof privacyApi.requestErasure> {
  return async ({ body: { tenant }, principal }) => {
    // Restriction is what a person may demand in place of erasure (GDPR Art. 18(1)(b)).
    if (deps.isRestricted(tenant)) throw new Problem('restricted');
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
