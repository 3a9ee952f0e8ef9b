import { Id } from '@mysmtp/contracts';
import { owners, problems, route, type Route } from '@mysmtp/http';
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
      const found = await signer.domainOf(caller.tenant, params.id);
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
