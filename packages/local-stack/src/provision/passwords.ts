import { randomBytes } from 'node:crypto';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { readOrMake } from '../secrets.ts';

/** A password for each service, and one for whoever may look at everything; made once for a stack. */
export type Passwords = Readonly<Record<ServiceName | 'viewer', string>>;

export function passwords(file: string): Promise<Passwords> {
  return readOrMake(file, () => {
    const names = [...serviceNames, 'viewer'] as const;
    return Object.fromEntries(
      names.map((name) => [name, randomBytes(24).toString('base64url')]),
    ) as Passwords;
  });
}
