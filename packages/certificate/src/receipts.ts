import { answeringStores, Receipt, receiptType, type Certificate } from '@mysmtp/contracts';
import type { Check } from './check.ts';
import type { FrozenRegistry } from './frozen-registry.ts';
import { openJws } from './jws.ts';

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
  for (const { store, jws } of certificate.receipts) {
    const service = wanted.get(store);
    if (service === undefined) {
      reasons.push(`There is a receipt of ${store}, which is not in the registry`);
      continue;
    }
    const opened = await openJws(jws, receiptType, certificate.serviceKeys);
    if ('reason' in opened) {
      reasons.push(`The receipt of ${store} ${opened.reason}`);
      continue;
    }
    const receipt = Receipt.safeParse(opened.payload);
    if (!receipt.success) {
      reasons.push(`The receipt of ${store} is incomplete`);
      continue;
    }
    const wrong = faults(receipt.data, { store, service, kid: opened.kid }, certificate);
    reasons.push(...wrong.map((fault) => `The receipt of ${store} ${fault}`));
    if (wrong.length === 0) receipts.set(store, receipt.data);
  }
  const holds = `Each of the ${String(wanted.size)} stores has answered once, signed by its own service`;
  return { check: { holds, reasons }, receipts };
}

function faults(
  receipt: Receipt,
  wanted: { readonly store: string; readonly service: string; readonly kid: string },
  { requestId, registry }: Certificate,
): string[] {
  const { store, service, kid } = wanted;
  const checks: [boolean, string][] = [
    [kid === service, `is signed by ${kid}, and the store is ${service}’s`],
    [receipt.service === service, `speaks for ${receipt.service}, and the store is ${service}’s`],
    [receipt.store === store, `is about another store (${receipt.store})`],
    [receipt.requestId === requestId, `answers another request (${receipt.requestId})`],
    [
      receipt.registryVersion === registry.version,
      `is of version ${String(receipt.registryVersion)} of the registry, not ${String(registry.version)}`,
    ],
    [
      receipt.deleted === receipt.matched,
      `says that ${String(receipt.matched)} records were there and ${String(receipt.deleted)} removed`,
    ],
  ];
  return checks.flatMap(([holds, fault]) => (holds ? [] : [fault]));
}
