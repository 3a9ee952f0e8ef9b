import {
  accessTable,
  permissionsOf,
  permissionsOfKey,
  principalOf,
  ruleOf,
  scopes,
  type Access,
  type Permission,
  type PersonPrincipal,
} from '@mysmtp/api';
import { operatorRoles, roles, tenantRoles, type Role } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { refusalOf } from '../src/authorize.ts';

const permissions = Object.keys(accessTable) as Permission[];
const minutes = 60_000;

const person = (role: Role, factorAt: number | null): PersonPrincipal => ({
  kind: 'person',
  id: 'p1',
  session: 's1',
  tenant: (operatorRoles as readonly Role[]).includes(role) ? null : 't1',
  role,
  permissions: permissionsOf(role),
  factorAt,
});

const key = (tenant: string | null, own: readonly string[], domain?: string) => {
  const limit = domain === undefined ? {} : { domain };
  const made = principalOf('k1', { role: 'restricted', tenant, scopes: [...own], ...limit });
  if (made === undefined) throw new Error('No principal');
  return made;
};

const at = { id: 'd1', now: 10 * minutes };

test.each(permissions)('%s: every role of the table passes, and no other', (permission) => {
  for (const role of roles) {
    const passes = ruleOf(permission).roles.includes(role);
    const refusal = refusalOf({ permission }, person(role, at.now), at);
    expect([role, refusal]).toEqual([role, passes ? undefined : 'permission']);
  }
});

test.each(permissions)('%s: a key passes with this scope only, if there is one', (permission) => {
  for (const [tenant, role] of [
    ['t1', 'owner'],
    [null, 'operator'],
  ] as const) {
    const others = scopes.filter((scope) => scope !== permission);
    expect(refusalOf({ permission }, key(tenant, others), at)).toBe('permission');
    const { roles: own, scope } = ruleOf(permission);
    const passes = scope && own.includes(role);
    const refusal = refusalOf({ permission }, key(tenant, [permission]), at);
    expect([role, refusal]).toEqual([role, passes ? undefined : 'permission']);
  }
});

test('an owner has the permissions of every role of the tenant, an operator those of every operator', () => {
  for (const role of tenantRoles) {
    expect([...permissionsOf('owner')]).toEqual(expect.arrayContaining([...permissionsOf(role)]));
  }
  for (const role of operatorRoles) {
    const all = [...permissionsOf('operator')];
    expect(all).toEqual(expect.arrayContaining([...permissionsOf(role)]));
  }
  expect(permissionsOfKey({ tenant: 't1' })).toEqual(permissionsOf('owner'));
  expect(permissionsOfKey({ tenant: null })).toEqual(permissionsOf('operator'));
});

test('a second factor is fresh for five minutes, and is not asked of a key', () => {
  const access: Access = { permission: 'credentials:write' };
  const refusal = (factorAt: number | null) => refusalOf(access, person('owner', factorAt), at);
  expect(refusal(5 * minutes + 1)).toBeUndefined();
  expect(refusal(5 * minutes)).toBe('fresh-factor');
  expect(refusal(null)).toBe('fresh-factor');
  expect(refusalOf(access, key('t1', ['credentials:write']), at)).toBeUndefined();
  // The factor is not mentioned to a person without the permission.
  expect(refusalOf(access, person('reader', null), at)).toBe('permission');
  expect(refusalOf({ permission: 'messages:read' }, person('owner', null), at)).toBeUndefined();
});

test('a key of one domain passes only where the route says how it is limited', () => {
  const own = key('t1', ['domains:write', 'messages:read'], 'd1');
  const access = { permission: 'domains:write' } as const;
  expect(refusalOf({ ...access, ofDomain: 'path' }, own, at)).toBeUndefined();
  expect(refusalOf({ ...access, ofDomain: 'path' }, own, { ...at, id: 'd2' })).toBe('domain');
  expect(refusalOf({ ...access, ofDomain: 'handler' }, own, { ...at, id: 'd2' })).toBeUndefined();
  expect(refusalOf(access, own, at)).toBe('domain');
  expect(refusalOf(access, key('t1', ['domains:write']), at)).toBeUndefined();
});

test('a route of a tenant refuses operators, a route for services refuses everybody else', () => {
  const ofTenant: Access = { permission: 'tenants:read', ofTenant: true };
  expect(refusalOf(ofTenant, person('operator', at.now), at)).toBe('realm');
  expect(refusalOf(ofTenant, person('owner', at.now), at)).toBeUndefined();
  const internal: Access = { services: ['ingress'] };
  expect(refusalOf(internal, person('operator', at.now), at)).toBe('service');
  expect(refusalOf(internal, { kind: 'service', id: 'ingress' }, at)).toBeUndefined();
  expect(refusalOf(internal, { kind: 'service', id: 'privacy' }, at)).toBe('service');
});
