import { dayKeyId, TenantUnavailable, timeOfMessageId, type KeyId } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { OrphanLimits } from './orphans.ts';

/**
 * Asks whether the mail key of a tenant and a message's day is dead, once for each. A key that cannot
 * be had just now may be alive. What is of a fenced tenant stays for its purge, which counts it.
 */
export function askForDeadKeys(tenants: Pick<Tenants, 'run'>): OrphanLimits['isKeyDead'] {
  const answers = new Map<string, Promise<boolean>>();

  async function ask(tenant: string, id: KeyId): Promise<boolean> {
    try {
      // Not `keys`: the events of that day may be over while its mail is still to be delivered.
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
