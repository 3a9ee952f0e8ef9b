import {
  answeringStores,
  Receipt,
  receiptType,
  type Certificate,
  type ServiceName,
} from '@mysmtp/contracts';
import type { Check } from './check.ts';
import type { FrozenRegistry } from './frozen-registry.ts';
import { openJws, type JwkSet } from './jws.ts';

/** What receipts have to fit. */
export interface Asked {
  readonly requestId: string;
  /** Of the registry. */
  readonly version: number;
  /** Who answers for which store. */
  readonly stores: ReadonlyMap<string, ServiceName>;
  readonly serviceKeys: JwkSet;
}

/** The receipt of this store, or why it proves nothing. */
export async function openReceipt(
  { store, jws }: Certificate['receipts'][number],
  asked: Asked,
): Promise<{ readonly receipt: Receipt } | { readonly faults: readonly string[] }> {
  const service = asked.stores.get(store);
  if (service === undefined) return { faults: ['is of a store that is not in the registry'] };
  const opened = await openJws(jws, receiptType, asked.serviceKeys);
  if ('reason' in opened) return { faults: [opened.reason] };
  const receipt = Receipt.safeParse(opened.payload);
  if (!receipt.success) return { faults: ['is incomplete'] };
  const faults = faultsOf(receipt.data, { store, service, kid: opened.kid }, asked);
  return faults.length === 0 ? { receipt: receipt.data } : { faults };
}

export interface OpenReceipts {
  readonly check: Check;
  /** Those that hold, by store. */
  readonly receipts: ReadonlyMap<string, Receipt>;
}

/** Each store that must answer has answered once, in its own service's name, to this request. */
export async function checkReceipts(
  certificate: Certificate,
  registry: FrozenRegistry,
): Promise<OpenReceipts> {
  const receipts = new Map<string, Receipt>();
  const reasons: string[] = [];
  const wanted = answeringStores(registry);
  const times = new Map<string, number>();
  for (const { store } of certificate.receipts) times.set(store, (times.get(store) ?? 0) + 1);
  for (const store of wanted.keys()) {
    const count = times.get(store) ?? 0;
    if (count === 0) reasons.push(`There is no receipt of ${store}`);
    if (count > 1) reasons.push(`There are ${String(count)} receipts of ${store}, not one`);
  }
  const { requestId, serviceKeys } = certificate;
  const asked = { requestId, version: registry.version, stores: wanted, serviceKeys };
  for (const entry of certificate.receipts) {
    const opened = await openReceipt(entry, asked);
    if ('receipt' in opened) receipts.set(entry.store, opened.receipt);
    else reasons.push(...opened.faults.map((fault) => `The receipt of ${entry.store} ${fault}`));
  }
  const holds = `Each of the ${String(wanted.size)} stores has answered once, signed with the key that the certificate names for its service`;
  return { check: { holds, reasons }, receipts };
}

function faultsOf(
  receipt: Receipt,
  wanted: { readonly store: string; readonly service: string; readonly kid: string },
  { requestId, version }: Asked,
): string[] {
  const { store, service, kid } = wanted;
  const checks: [boolean, string][] = [
    [kid === service, `is signed by ${kid}, and the store is ${service}’s`],
    [receipt.service === service, `speaks for ${receipt.service}, and the store is ${service}’s`],
    [receipt.store === store, `is about another store (${receipt.store})`],
    [receipt.requestId === requestId, `answers another request (${receipt.requestId})`],
    [
      receipt.registryVersion === version,
      `is of version ${String(receipt.registryVersion)} of the registry, not ${String(version)}`,
    ],
    [
      receipt.deleted === receipt.matched,
      `says that ${String(receipt.matched)} records were there and ${String(receipt.deleted)} removed`,
    ],
  ];
  return checks.flatMap(([holds, fault]) => (holds ? [] : [fault]));
}
