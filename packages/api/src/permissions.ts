import { roles, type Role } from '@mysmtp/contracts';
import { accessTable, type AccessRule, type Permission } from './access-table.ts';

export const permissions = Object.keys(accessTable) as readonly Permission[];

export const ruleOf = (permission: Permission): AccessRule => accessTable[permission];

const byRole = new Map(
  roles.map((role) => [
    role,
    new Set(permissions.filter((permission) => ruleOf(permission).roles.includes(role))),
  ]),
);

/** The permissions of a person with this role. */
export const permissionsOf = (role: Role): ReadonlySet<Permission> => byRole.get(role) ?? new Set();

/** What an API key may be limited to. */
export const scopes: readonly Permission[] = permissions.filter(
  (permission) => ruleOf(permission).scope,
);

/** The known ones of these words: a newer release may have more. */
export const knownPermissions = (words: readonly string[]): ReadonlySet<Permission> =>
  new Set(permissions.filter((permission) => words.includes(permission)));

/**
 * The permissions of an API key: those of an owner or an operator, or its scopes among them. A scope that
 * neither has, or that a key may not have, gives nothing.
 */
export function permissionsOfKey({
  tenant,
  scopes: own,
}: {
  readonly tenant: string | null;
  readonly scopes?: readonly string[] | undefined;
}): ReadonlySet<Permission> {
  const all = permissionsOf(tenant === null ? 'operator' : 'owner');
  if (own === undefined) return all;
  return new Set(scopes.filter((scope) => own.includes(scope) && all.has(scope)));
}
