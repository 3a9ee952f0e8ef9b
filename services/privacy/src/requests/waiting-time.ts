import type { AccountPrincipal, RequestKind } from '@mysmtp/api';
import { hour, internalApis, operatorRealm } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Clock } from '@mysmtp/service';

/**
 * Who takes over an account changes how it signs in, and then takes its data or erases it. So requests for data and
 * for erasure in a session wait for this time after such a change. The former address can undo a change for as long.
 */
const waitingTime = 72 * hour;

const waitingKinds: readonly RequestKind[] = ['access', 'portability', 'erasure'];

/** What a request waits for. */
export const endOfWaiting = '72 hours after the last change of the account';

/** The account whose change a request waits for, and until when. */
export interface Waits {
  readonly account: string;
  readonly until: Date;
}

interface Deps {
  readonly identity: ServiceClient;
  readonly clock: Clock;
}

/** Of the account of a session. A key has none. */
export async function waitsOf(
  { kind, id, tenant }: Pick<AccountPrincipal, 'kind' | 'id' | 'tenant'>,
  { identity, clock }: Deps,
): Promise<Waits | undefined> {
  if (kind !== 'person') return undefined;
  const whom = { realm: tenant ?? operatorRealm, person: id };
  const { changedAt } = await identity.call(internalApis.findAccount, whom);
  if (changedAt === undefined || changedAt + waitingTime <= clock.now()) return undefined;
  return { account: id, until: new Date(changedAt + waitingTime) };
}

/** The same for a new request. Rejects if the person cannot be told, so no request waits without a notice. */
export async function tellOfWaiting(
  principal: Pick<AccountPrincipal, 'kind' | 'id' | 'tenant'>,
  kind: RequestKind,
  deps: Deps,
): Promise<Waits | undefined> {
  const waits = waitingKinds.includes(kind) ? await waitsOf(principal, deps) : undefined;
  if (waits === undefined) return undefined;
  await deps.identity.call(internalApis.noticeWaitingRequest, {
    realm: principal.tenant ?? operatorRealm,
    person: waits.account,
    kind,
    actsAt: waits.until.getTime(),
  });
  return waits;
}
