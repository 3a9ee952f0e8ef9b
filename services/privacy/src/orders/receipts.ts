import { openSigned } from '@mysmtp/certificate';
import {
  OrderReceipt,
  orderReceiptType,
  reader,
  type PublishedKeySet,
  type ServiceName,
} from '@mysmtp/contracts';
import type { OrderDocument } from './model.ts';

/** The receipt, if this service has signed it and it is about this order; `undefined` otherwise. */
export async function openOrderReceipt(
  jws: string,
  service: ServiceName,
  { _id, commitment, do: what }: Pick<OrderDocument, '_id' | 'commitment' | 'do'>,
  published: PublishedKeySet,
): Promise<OrderReceipt | undefined> {
  // A receipt names its service, not the key: each of the service's keys is tried.
  const keys = published.keys.filter((key) => key.service === service);
  const opened = await openSigned(jws, orderReceiptType, () => keys);
  if ('reason' in opened || opened.kid !== service) return undefined;
  const receipt = reader(OrderReceipt).safeParse(opened.payload).data;
  const isAsked =
    receipt?.order === _id &&
    receipt.commitment === commitment &&
    receipt.do === what &&
    receipt.service === service;
  return isAsked ? receipt : undefined;
}

/** The receipts so far. Each is about all stores of its service. */
export const receiptsOf = ({ answers }: OrderDocument): { store: string; jws: string }[] =>
  answers.flatMap(({ stores, jws }) => stores.map(({ store }) => ({ store, jws })));
