import { randomBytes } from 'node:crypto';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { readPrivate, writePrivate } from '../secrets.ts';

const names = [...serviceNames, 'viewer', 'verifier'] as const;

/** A password for each service, for the viewer, and for the verifier of erasures. */
export type Passwords = Readonly<Record<ServiceName | 'viewer' | 'verifier', string>>;

/** Created once for a stack. Missing ones of an older stack are added. */
export async function passwords(file: string): Promise<Passwords> {
  const present = await readPrivate<Partial<Passwords>>(file);
  const all = {
    ...Object.fromEntries(names.map((name) => [name, randomBytes(24).toString('base64url')])),
    ...present,
  } as Passwords;
  if (names.some((name) => present?.[name] === undefined)) await writePrivate(file, all);
  return all;
}
