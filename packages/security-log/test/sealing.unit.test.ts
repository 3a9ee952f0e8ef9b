import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import {
  clientRecord,
  networkRecord,
  operatorRealm,
  TenantUnavailable,
  type KeyId,
} from '@mysmtp/contracts';
import { open } from '@mysmtp/seal';
import { expect, test } from 'vitest';
import { clientNetwork, sealAddress } from '../src/sealing.ts';

const at = Date.parse('2026-11-24T12:00:00Z');

function createKeys() {
  const keys = new Map<string, KeyObject>();
  const keyOf = async (tenant: string, id: KeyId) => {
    const key = keys.get(`${tenant} ${id}`) ?? createSecretKey(randomBytes(32));
    keys.set(`${tenant} ${id}`, key);
    return key;
  };
  return { keys, keyOf };
}

test('the network of a client is a /24 or a /48', () => {
  expect(clientNetwork('192.0.2.77')).toBe('192.0.2.0/24');
  expect(clientNetwork('::ffff:192.0.2.77')).toBe('192.0.2.0/24');
  expect(clientNetwork('2001:db8:1:2::3')).toBe('2001:db8:1::/48');
  expect(clientNetwork('not an address')).toBeUndefined();
});

test('the address is sealed under the day of the tenant, its network under the month, and neither is in clear', async () => {
  const { keys, keyOf } = createKeys();
  const event = { id: 'e1', at, tenant: 't1' };
  const sealed = await sealAddress(event, '192.0.2.77', keyOf);
  expect([...keys.keys()].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    `${operatorRealm} security:2026-11-01`,
    't1 client:2026-11-24',
    't1 security:2026-11-01',
  ]);
  const opened = async (text: string | null, id: KeyId, record: string) =>
    open(
      await keyOf('t1', id),
      { tenant: 't1', record },
      Buffer.from(text ?? '', 'base64'),
    ).toString();
  expect(await opened(sealed.client, 'client:2026-11-24', clientRecord('e1'))).toBe('192.0.2.77');
  const network = await opened(sealed.network, 'security:2026-11-01', networkRecord('e1'));
  expect(network).toBe('192.0.2.0/24');
  expect(JSON.stringify(sealed)).not.toContain('192.0.2');
});

test('a network has one pseudonym for all tenants in a month, and another one in the next', async () => {
  const { keyOf } = createKeys();
  const keyAt = async (tenant: string | null, address: string, time = at) =>
    (await sealAddress({ id: 'e1', at: time, tenant }, address, keyOf)).networkKey;
  const key = await keyAt('t1', '192.0.2.1');
  expect(await keyAt('t2', '192.0.2.254')).toBe(key);
  expect(await keyAt(null, '192.0.2.254')).toBe(key);
  expect(await keyAt('t1', '192.0.3.1')).not.toBe(key);
  expect(await keyAt('t1', '192.0.2.1', at + 10 * 86_400_000)).not.toBe(key);
});

class Fenced extends TenantUnavailable {
  constructor() {
    super('fenced', 'fenced', false);
  }
}

test('without a key or an address the event has no address', async () => {
  const nothing = { networkKey: null, network: null, client: null };
  const event = { id: 'e1', at, tenant: 't1' };
  const { keyOf } = createKeys();
  expect(await sealAddress(event, undefined, keyOf)).toEqual(nothing);
  expect(await sealAddress(event, '192.0.2.1', async () => undefined)).toEqual(nothing);
  expect(await sealAddress(event, '192.0.2.1', () => Promise.reject(new Fenced()))).toEqual(
    nothing,
  );
  const fault = new Error('a fault');
  await expect(sealAddress(event, '192.0.2.1', () => Promise.reject(fault))).rejects.toBe(fault);
});
