import type { TokenState } from '@mysmtp/contracts';

type Role = TokenState['role'];

/**
 * The permissions of each role. A route names one permission; its authorized callers follow from this table
 * alone.
 */
const byRole = {
  owner: [
    'tenants:read',
    'domains:read',
    'domains:write',
    'credentials:read',
    'credentials:write',
    'tokens:read',
    'tokens:write',
    'dkim:read',
    'messages:read',
    'usage:read',
    'suspensions:read',
    'suspensions:appeal',
  ],
  operator: [
    'tenants:create',
    'tenants:read',
    'tenants:write',
    'suspensions:read',
    'suspensions:write',
    'domains:create',
    'domains:read',
    'domains:write',
    'credentials:read',
    'credentials:write',
    'networks:create',
    'tokens:read',
    'tokens:write',
    'operators:create',
    'held:read',
    'held:settle',
    'keyring:read',
    'keyring:rotate',
    'dead-letters:read',
    'dead-letters:settle',
    'erasures:read',
    'erasures:request',
  ],
} as const satisfies Record<Role, readonly string[]>;

export type Permission = (typeof byRole)[Role][number];

const permissions: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(byRole.owner),
  operator: new Set(byRole.operator),
};

export const permissionsOf = (role: Role): ReadonlySet<Permission> => permissions[role];

/** The roles that have a permission, for documents. */
export const rolesWith = (permission: Permission): Role[] =>
  (Object.keys(permissions) as Role[]).filter((role) => permissions[role].has(permission));
