import { createHmac, type KeyObject } from 'node:crypto';
import {
  clientRecord,
  dayKeyId,
  networkRecord,
  operatorRealm,
  TenantUnavailable,
  type KeyId,
  type SecurityEvent,
} from '@mysmtp/contracts';
import { seal } from '@mysmtp/seal';
import ipaddr from 'ipaddr.js';

/** The key of a tenant. `undefined`, or throws a `TenantUnavailable`, if there is none now. */
export type KeyOf = (tenant: string, id: KeyId) => Promise<KeyObject | undefined>;

/** The network of a client: /24 of an IPv4 address, /48 of an IPv6 address; `undefined` if it is neither. */
export function clientNetwork(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const plain = ipaddr.process(address);
  if (plain instanceof ipaddr.IPv6) {
    const groups = plain.parts.slice(0, 3).map((group) => group.toString(16));
    return `${groups.join(':')}::/48`;
  }
  return `${plain.octets.slice(0, 3).join('.')}.0/24`;
}

type Sealed = Pick<SecurityEvent, 'networkKey' | 'network' | 'client'>;
const nothing: Sealed = { networkKey: null, network: null, client: null };

/**
 * The client's address as it may be stored. Without keys (the tenant is being erased, or privacy does not
 * answer) the event has no address: an event without an address is better than none.
 */
export async function sealAddress(
  event: Pick<SecurityEvent, 'id' | 'at' | 'tenant'>,
  address: string | undefined,
  keyOf: KeyOf,
): Promise<Sealed> {
  const plain = address === undefined ? undefined : clientNetwork(address);
  if (address === undefined || plain === undefined) return nothing;
  const { id, at } = event;
  const tenant = event.tenant ?? operatorRealm;
  const securityId = dayKeyId('security', at);
  const clientId = dayKeyId('client', at);
  try {
    const monthKey = await keyOf(operatorRealm, securityId);
    const security = await keyOf(tenant, securityId);
    const client = await keyOf(tenant, clientId);
    if (monthKey === undefined || security === undefined || client === undefined) return nothing;
    const sealAs = (key: KeyObject, keyId: KeyId, record: string, text: string) =>
      seal(key, { tenant, keyId, record }, Buffer.from(text)).toString('base64');
    return {
      networkKey: pseudonymOf(monthKey, plain),
      network: sealAs(security, securityId, networkRecord(id), plain),
      client: sealAs(client, clientId, clientRecord(id), address),
    };
  } catch (error) {
    if (error instanceof TenantUnavailable) return nothing;
    throw error;
  }
}

/** A keyed hash of the account that a client has named: a part of an address may be personal. */
export async function accountKeyOf(
  account: string | undefined,
  at: number,
  keyOf: KeyOf,
): Promise<string | undefined> {
  if (account === undefined) return undefined;
  try {
    const monthKey = await keyOf(operatorRealm, dayKeyId('security', at));
    return monthKey === undefined ? undefined : pseudonymOf(monthKey, `account ${account}`);
  } catch (error) {
    if (error instanceof TenantUnavailable) return undefined;
    throw error;
  }
}

/** The same network has the same pseudonym in one month, and another one in the next. */
function pseudonymOf(monthKey: KeyObject, network: string): string {
  const key = createHmac('sha256', monthKey).update('mysmtp client networks').digest();
  return createHmac('sha256', key).update(network).digest('base64url').slice(0, 22);
}
