import {
  answeringStores,
  hour,
  reader,
  Receipt,
  receiptType,
  type Certificate,
  type CommittedSubject,
  type Hold,
} from '@mysmtp/contracts';
import type { Check } from './check.ts';
import type { Read } from './format.ts';
import type { FrozenRegistry, Stores } from './frozen-registry.ts';
import { openSigned, type JwkSet } from './jws.ts';
import { invalidAt } from './published-keys.ts';
import { retainedFault } from './retained.ts';

/** The expected values of receipts. */
export interface Asked {
  readonly requestId: string;
  readonly subject: CommittedSubject;
  /** True for a certificate of version 1. If its receipt names a subject, it must still be this one. */
  readonly mayNameNone?: boolean;
  readonly registry: Stores;
  readonly holds?: readonly Hold[] | undefined;
  /** The published keys of the services. */
  readonly published: JwkSet;
  /** The times of the request and of its end, or of now (RFC 3339). */
  readonly from: string;
  readonly until: string;
}

/** Allowed difference between the clocks of a service and of privacy. Milliseconds. */
const clocksDiffer = hour;

/** The receipt of this store, or the reason why it is not valid. */
export async function openReceipt(
  { store, jws }: Certificate['receipts'][number],
  asked: Asked,
): Promise<{ readonly receipt: Receipt } | { readonly faults: readonly string[] }> {
  const service = answeringStores(asked.registry, asked.subject.kind).get(store);
  if (service === undefined) return { faults: ['is of a store that is not in the registry'] };
  // A receipt names its service, not the key: each of the service's keys is tried.
  const opened = await openSigned(jws, receiptType, (kid) =>
    asked.published.keys.filter((key) => key['service'] === kid),
  );
  if ('reason' in opened) return { faults: [opened.reason] };
  const receipt = reader(Receipt).safeParse(opened.payload);
  if (!receipt.success) return { faults: ['is incomplete'] };
  const faults = faultsOf(receipt.data, { store, service, ...opened }, asked);
  return faults.length === 0 ? { receipt: receipt.data } : { faults };
}

export interface OpenReceipts {
  readonly check: Check;
  /** The valid ones, by store. */
  readonly receipts: ReadonlyMap<string, Receipt>;
}

/** Each store that must answer has answered once, in its own service's name, to this request. */
export async function checkReceipts(
  { version, certificate }: Read,
  registry: FrozenRegistry,
  published: JwkSet,
): Promise<OpenReceipts> {
  const receipts = new Map<string, Receipt>();
  const reasons: string[] = [];
  const wanted = answeringStores(registry, certificate.subject.kind);
  const times = new Map<string, number>();
  for (const { store } of certificate.receipts) times.set(store, (times.get(store) ?? 0) + 1);
  for (const store of wanted.keys()) {
    const count = times.get(store) ?? 0;
    if (count === 0) reasons.push(`There is no receipt of ${store}`);
    if (count > 1) reasons.push(`There are ${String(count)} receipts of ${store}, not one`);
  }
  const { requestId, subject, requestedAt: from, completedAt: until } = certificate;
  const mayNameNone = version === 1;
  const held = certificate.holds;
  const asked = { requestId, subject, holds: held, mayNameNone, registry, published, from, until };
  for (const entry of certificate.receipts) {
    const opened = await openReceipt(entry, asked);
    if ('receipt' in opened) receipts.set(entry.store, opened.receipt);
    else reasons.push(...opened.faults.map((fault) => `The receipt of ${entry.store} ${fault}`));
  }
  const holds = `Each of the ${String(wanted.size)} stores has answered once, signed with a key that its service published and that was valid then`;
  return { check: { holds, reasons }, receipts };
}

function faultsOf(
  receipt: Receipt,
  wanted: {
    readonly store: string;
    readonly service: string;
    readonly kid: string;
    readonly key: JwkSet['keys'][number];
  },
  { requestId, subject, holds = [], mayNameNone = false, registry, from, until }: Asked,
): string[] {
  const { store, service, kid, key } = wanted;
  const { version } = registry;
  const at = Date.parse(receipt.at);
  const invalid = invalidAt(receipt.at, key);
  const hold = holds.find((one) => one.store === store);
  const retained = retainedFault(receipt, { kind: subject.kind, hold, registry });
  const checks: [boolean, string][] = [
    [kid === service, `is signed by ${kid}, and the store is ${service}’s`],
    [
      receipt.service === service,
      `is in the name of ${receipt.service}, and the store is ${service}’s`,
    ],
    [receipt.store === store, `is about another store (${receipt.store})`],
    [receipt.requestId === requestId, `answers another request (${receipt.requestId})`],
    [receipt.subject !== undefined || mayNameNone, 'does not name its subject'],
    [receipt.subject === undefined || isSame(receipt.subject, subject), 'is about another subject'],
    [
      receipt.registryVersion === version,
      `is of version ${String(receipt.registryVersion)} of the registry, not ${String(version)}`,
    ],
    [
      receipt.deleted === receipt.matched || hold !== undefined,
      `says that ${String(receipt.matched)} records were there and ${String(receipt.deleted)} removed`,
    ],
    [
      at >= Date.parse(from) - clocksDiffer && at <= Date.parse(until) + clocksDiffer,
      `is of ${receipt.at}, which is not the time of this erasure`,
    ],
    [
      invalid === undefined,
      `is of ${receipt.at}, and the key that signed it was published as valid ${invalid ?? ''}`,
    ],
    [retained === undefined, retained ?? ''],
  ];
  return checks.flatMap(([holds, fault]) => (holds ? [] : [fault]));
}

const isSame = (one: CommittedSubject, other: CommittedSubject): boolean =>
  one.kind === other.kind && one.commitment === other.commitment;
