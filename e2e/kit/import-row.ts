import { randomUUID } from 'node:crypto';
import { exportedRecords } from '@mysmtp/contracts';
import type { StackDescription } from '@mysmtp/local-stack';
import { eventually, exportedRow } from '@mysmtp/test-kit';
import { call } from './api.ts';

/** Adds a row about a delivered message to the usage log of a customer. */
export async function importRow(
  { api }: Pick<StackDescription, 'api'>,
  ownerToken: string,
  addresses: { readonly sender: string; readonly recipient: string },
): Promise<void> {
  const acceptedAt = new Date().toISOString();
  const nothing = Object.fromEntries(Object.keys(exportedRecords).map((store) => [store, []]));
  const body = {
    v: 1,
    request: randomUUID(),
    address: addresses.recipient,
    createdAt: acceptedAt,
    masked: false,
    data: { ...nothing, 'logging.messages': [exportedRow({ ...addresses, acceptedAt })] },
  };
  // A new customer has a key only after a moment.
  await eventually(async () => {
    const { status } = await call(`${api.logging}/v1/imports`, ownerToken, { body });
    if (status !== 200) throw new Error(`The import answered ${String(status)}`);
  });
}
