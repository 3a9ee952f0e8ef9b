import type { deliveryApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Projection } from '@mysmtp/projection';
import { dnsRecordValue } from '../signing/dkim-key.ts';
import type { Signer } from '../signing/signer.ts';

export function dkimRecords(
  signer: Signer,
  projection: Pick<Projection, 'get'>,
): Handler<typeof deliveryApi.dkimRecords> {
  return async ({ params, principal }) => {
    const found = await signer.domainOf(principal.tenant, params.id);
    if (found === undefined) {
      const isForeign = projection.get('domain', params.id) !== undefined;
      throw isForeign ? problems.hidden('foreign') : problems.notFound();
    }
    const { rsa, ed25519 } = found;
    const records = [rsa, ...(ed25519 === undefined ? [] : [ed25519])].map(
      ({ selector, domain, privateKey }) => ({
        name: `${selector}._domainkey.${domain}`,
        type: 'TXT' as const,
        value: dnsRecordValue(privateKey),
      }),
    );
    return { status: 200, body: { records } };
  };
}
