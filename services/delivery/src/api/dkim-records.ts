import { Id } from '@mysmtp/contracts';
import { FencedError, NotCurrentError } from '@mysmtp/erasure';
import { owners, problems, route, type Route } from '@mysmtp/http';
import { KeyDestroyedError, KeyUnavailableError } from '@mysmtp/keys';
import { z } from 'zod';
import { dnsRecordValue } from '../signing/dkim-key.ts';
import type { Signer } from '../signing/signer.ts';

const Records = z.strictObject({
  records: z.array(z.strictObject({ name: z.string(), type: z.literal('TXT'), value: z.string() })),
});

export function dkimRecordsRoute(signer: Signer): Route {
  return route({
    method: 'get',
    path: '/v1/domains/{id}/dkim',
    summary: 'The DNS records to publish for a domain, so that any verifier can check its mail',
    access: owners,
    params: z.strictObject({ id: Id }),
    replies: { 200: Records },
    async handle({ params, caller }) {
      if (caller.role !== 'owner') throw problems.forbidden();
      const found = await signer.domainOf(caller.tenant, params.id).catch((error: unknown) => {
        if (error instanceof FencedError || error instanceof KeyDestroyedError) {
          throw problems.notFound();
        }
        if (error instanceof KeyUnavailableError || error instanceof NotCurrentError) {
          throw problems.unavailable('The keys of this account cannot be had right now');
        }
        throw error;
      });
      // Another tenant's domain is as unknown as one that never was.
      if (found === undefined) throw problems.notFound();
      const body: z.infer<typeof Records> = {
        records: [
          {
            name: `${found.selector}._domainkey.${found.domain}`,
            type: 'TXT',
            value: dnsRecordValue(found.privateKey),
          },
        ],
      };
      return { body };
    },
  });
}
