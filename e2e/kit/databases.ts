import type { ServiceName } from '@mysmtp/contracts';
import type { StackDescription } from '@mysmtp/local-stack';

/**
 * The name of a service's database, because others may be on the same server. The stack's name is in its
 * viewer's name.
 */
export function databaseOf({ mongodb }: StackDescription, service: ServiceName): string {
  return new URL(mongodb.url).username.replace(/_viewer$/, `_${service}`);
}
