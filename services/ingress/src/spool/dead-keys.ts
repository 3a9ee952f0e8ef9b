import { dayKeyId, TenantUnavailable, timeOfMessageId, type KeyId } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { OrphanLimits } from './orphans.ts';

/**
 * Checks whether the mail key of a tenant for a message's day is destroyed, once per tenant and day. A key
 * that is temporarily unavailable counts as existing. Messages of a fenced tenant stay for the purge, which
 * counts them.
 */
export function askForDeadKeys(tenants: Pick<Tenants, 'run'>): OrphanLimits['isKeyDead'] {
  const answers = new Map<string, Promise<boolean>>();

  async function ask(tenant: string, id: KeyId): Promise<boolean> {
    try {
      // Not `keys`: the events key of that day may be destroyed while its mail is still to be delivered.
      await tenants.run(tenant, 'read', (scope) => scope.key(id));
      return false;
    } catch (error) {
      if (!(error instanceof TenantUnavailable)) throw error;
      return !error.passes && error.reason !== 'fenced';
    }
  }

  return (tenant, message) => {
    const id = dayKeyId('mail', timeOfMessageId(message));
    const question = `${tenant} ${id}`;
    const answer = answers.get(question) ?? ask(tenant, id);
    answers.set(question, answer);
    return answer;
  };
}
