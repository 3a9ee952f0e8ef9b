import type { deliveryApi } from '@mysmtp/api';
import { FencedError, NotCurrentError } from '@mysmtp/erasure';
import { problems, type Handler } from '@mysmtp/http';
import { KeyDestroyedError, KeyUnavailableError } from '@mysmtp/keys';
import { dnsRecordValue } from '../signing/dkim-key.ts';
import type { Signer } from '../signing/signer.ts';

export function dkimRecords(signer: Signer): Handler<typeof deliveryApi.dkimRecords> {
  return async ({ params, principal }) => {
    const found = await signer.domainOf(principal.tenant, params.id).catch((error: unknown) => {
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
    const name = `${found.selector}._domainkey.${found.domain}`;
    const value = dnsRecordValue(found.privateKey);
    return { status: 200, body: { records: [{ name, type: 'TXT', value }] } };
  };
}
