import { randomUUID } from 'node:crypto';
import type { ExportedRow } from '@mysmtp/contracts';

/** A row of the usage log about a delivered message, as an export of a person's data contains it. */
export const exportedRow = (
  given: Pick<ExportedRow, 'sender' | 'recipient'> & Partial<ExportedRow>,
): ExportedRow => ({
  id: randomUUID(),
  n: 0,
  acceptedAt: '2026-11-24T11:00:00.000Z',
  messageId: '<1@example.org>',
  tags: [],
  accepted: null,
  credential: null,
  status: 'delivered',
  lastReply: '2xx',
  siteClass: 'other',
  nextAttemptAt: null,
  attempts: [],
  ...given,
});
