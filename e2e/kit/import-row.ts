import { randomUUID } from 'node:crypto';
import { exportedRecords } from '@mysmtp/contracts';
import type { StackDescription } from '@mysmtp/local-stack';
import { eventually } from '@mysmtp/test-kit';
import { call } from './api.ts';

/** Adds a row about a delivered message to the usage log of a customer. */
export async function importRow(
  { api }: Pick<StackDescription, 'api'>,
  ownerToken: string,
  addresses: { readonly sender: string; readonly recipient: string },
): Promise<void> {
  const acceptedAt = new Date().toISOString();
  const row = {
    id: randomUUID(),
    n: 0,
    acceptedAt,
    messageId: '<1@example.org>',
    ...addresses,
    tags: [],
    accepted: null,
    credential: null,
    status: 'delivered',
    lastReply: '2xx',
    siteClass: 'other',
    nextAttemptAt: null,
    attempts: [],
  };
  const nothing = Object.fromEntries(Object.keys(exportedRecords).map((store) => [store, []]));
  const body = {
    v: 1,
    request: randomUUID(),
    address: addresses.recipient,
    createdAt: acceptedAt,
    masked: false,
    data: { ...nothing, 'logging.messages': [row] },
  };
  // A new customer has a key only after a moment.
  await eventually(async () => {
    const { status } = await call(`${api.logging}/v1/imports`, ownerToken, { body });
    if (status !== 200) throw new Error(`The import answered ${String(status)}`);
  });
}
