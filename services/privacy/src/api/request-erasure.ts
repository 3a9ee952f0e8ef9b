import { Id } from '@mysmtp/contracts';
import { operators, problems, route, type Route } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { z } from 'zod';
import { requestErasure } from '../erasures/request.ts';

export function requestErasureRoute(
  means: Parameters<typeof requestErasure>[1] & { log: Logger },
): Route {
  return route({
    method: 'post',
    path: '/v1/erasures',
    summary: 'Asks for the erasure of a tenant (GDPR Art. 17); asking again gives the same request',
    access: operators,
    body: z.strictObject({ tenant: Id }),
    // The nonce is shown once: with it the asker, and nobody else, can show whom the certificate is about.
    replies: { 202: z.strictObject({ nonce: z.string().optional() }) },
    async handle({ body: { tenant } }) {
      const requested = await requestErasure(tenant, means);
      if (requested === undefined) throw problems.notFound();
      const { id, nonce } = requested;
      if (nonce !== undefined) means.log.info('erasure.requested', { erasure: id, tenant });
      return {
        status: 202,
        headers: { location: `/v1/erasures/${id}` },
        body: nonce === undefined ? {} : { nonce },
      };
    },
  });
}
