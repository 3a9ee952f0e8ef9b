import type { deliveryApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import { dnsRecordValue } from '../signing/dkim-key.ts';
import type { Signer } from '../signing/signer.ts';

export function dkimRecords(signer: Signer): Handler<typeof deliveryApi.dkimRecords> {
  return async ({ params, principal }) => {
    const found = await signer.domainOf(principal.tenant, params.id);
    // The domain of another tenant gets the same answer as a domain that does not exist.
    if (found === undefined) throw problems.notFound();
    const name = `${found.selector}._domainkey.${found.domain}`;
    const value = dnsRecordValue(found.privateKey);
    return { status: 200, body: { records: [{ name, type: 'TXT', value }] } };
  };
}
