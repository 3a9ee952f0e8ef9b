import type { RequestDetails } from '@mysmtp/api';
import { internalApis, type accountCorrections } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { SecurityLog } from '@mysmtp/security-log';
import type { Right, RightProgress } from './right.ts';

/** What each answer of identity means for the request. */
const outcomes: Readonly<
  Record<(typeof accountCorrections)[number], Omit<RightProgress, 'receipts'>>
> = {
  corrected: { state: 'completed', waitingFor: [] },
  none: { state: 'completed', waitingFor: [], nothingDone: true },
  waits: { state: 'in_progress', waitingFor: ['the link in the mail to the new address'] },
  expired: { state: 'failed', waitingFor: ['the link to the new address has expired'] },
  taken: { state: 'failed', waitingFor: ['another account has the new address'] },
};

/** The public page has no field for the right value: a human asks the person, and enters it. */
const unclear: RightProgress = {
  state: 'in_progress',
  waitingFor: ['a human who asks the person what is right'],
  receipts: [],
};

/**
 * GDPR Art. 16. Only accounts of people have an address or a name that can be wrong: the usage log states what
 * was sent, and the audit chain what was done. The chain gets another entry about the correction, and none of
 * its entries changes.
 */
export function rectification(deps: {
  readonly identity: ServiceClient;
  readonly securityLog: Pick<SecurityLog, 'record'>;
}): Right {
  const { identity, securityLog } = deps;
  return async ({ id, tenant, receivedAt, address, details }) => {
    const { address: newAddress, name: newName } = (await details()) as RequestDetails;
    if (newAddress === undefined && newName === undefined) return unclear;
    const { result } = await identity.call(internalApis.correctAccount, {
      realm: tenant,
      address: await address(),
      since: receivedAt.getTime(),
      ...(newAddress !== undefined && { newAddress }),
      ...(newName !== undefined && { newName }),
    });
    if (result === 'corrected') {
      await securityLog.record({
        type: 'rectified',
        tenant,
        actor: { kind: 'service', id: 'privacy' },
        object: id,
        outcome: 'ok',
      });
    }
    return { ...outcomes[result], receipts: [] };
  };
}
