import { createHash } from 'node:crypto';
import type { MailHeaders } from '@mysmtp/contracts';
import { newDocument, type HeldReason, type ShelfDocument } from '../shelf/document.ts';
import { justDue, slotOf } from '../shelf/slots.ts';

interface Times {
  readonly acceptedAt: number;
  readonly now: number;
  readonly expiry: number;
}

/** A redelivered message: what became of it is not known, so it is handled from the shelf as a suspect. */
export function suspectDocument(
  header: MailHeaders,
  content: Buffer,
  { acceptedAt, now, expiry }: Times,
): ShelfDocument {
  const times = { acceptedAt, nextAt: justDue(now), expiry };
  return { ...newDocument(header, content, times), handlings: 1 };
}

/** A message that cannot be read: kept as it came until an operator decides or it expires. */
export function unreadableDocument(
  header: MailHeaders | undefined,
  content: Buffer,
  { acceptedAt, now, expiry }: Times,
): ShelfDocument {
  const reason: HeldReason = 'unreadable';
  const who = header ?? { id: idOf(content), tenant: 'unknown', kind: 'message' as const };
  const document = newDocument(who, content, { acceptedAt, nextAt: now, expiry });
  return { ...document, state: 'held', slot: slotOf(document.expiresAt), reason, heldAt: now };
}

/** What has no id gets one from its octets, so that it is parked once however often it comes. */
const idOf = (content: Buffer): string =>
  `unreadable-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
