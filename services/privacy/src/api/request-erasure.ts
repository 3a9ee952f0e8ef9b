import type { privacyApi } from '@mysmtp/api';
import { actorText, commitmentTo, TenantUnavailable } from '@mysmtp/contracts';
import { Problem, problems, type Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import {
  newNonce,
  requestErasure,
  requestErasureOfPerson,
  type RequestDeps,
  type Requested,
} from '../erasures/request.ts';
import type { PersonOf } from '../tenants/person-of.ts';

export function requestErasureHandler(
  deps: RequestDeps & {
    readonly personOf: PersonOf;
    readonly log: Logger;
    readonly isRestricted: (tenant: string) => boolean;
  },
): Handler<typeof privacyApi.requestErasure> {
  async function ofPerson(tenant: string, address: string): Promise<Requested | undefined> {
    const nonce = newNonce();
    const { commitment } = commitmentTo({ kind: 'person', address }, nonce);
    const person = await deps.personOf(tenant, address).catch((error: unknown) => {
      if (error instanceof TenantUnavailable) return undefined;
      throw error;
    });
    if (person === undefined) return undefined;
    const subject = { kind: 'person', tenant, person } as const;
    const entered = await requestErasureOfPerson({ subject, commitment }, deps);
    return entered && { id: entered.id, nonce: entered.isNew ? nonce : undefined };
  }

  return async ({ body: { tenant, address }, principal }) => {
    // Restriction is what a person may demand in place of erasure (GDPR Art. 18(1)(b)).
    if (deps.isRestricted(tenant)) throw new Problem('restricted');
    const requested =
      address === undefined
        ? await requestErasure({ kind: 'tenant', tenant }, deps)
        : await ofPerson(tenant, address);
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
