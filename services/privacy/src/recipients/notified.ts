import { hour, registry, type SubjectKind } from '@mysmtp/contracts';
import { Schema, type SchemaDefinition } from 'mongoose';
import { categoryIds, categoryOfCollection, type CategoryId } from '../documents/categories.ts';
import type { OperatorFacts, SubProcessor } from '../documents/operator.ts';
import { text } from '../documents/text.ts';

export const notifiedAbout = ['rectification', 'erasure', 'restriction', 'lifting'] as const;

/** A recipient of the data that is told what was done (GDPR Art. 19). */
export interface Notified {
  /** `customer`, or the name of a sub-processor. */
  readonly recipient: string;
  readonly about: (typeof notifiedAbout)[number];
  /** When our relay has accepted the mail to it; `null`: not yet, or it gets none. */
  readonly at: Date | null;
  /** Id of the mail. It tells of many entries. */
  readonly message: string | null;
  /** Why it gets no mail. */
  readonly reason: string | null;
}

/** The part of an entry in a ledger that records who was told. */
export interface Notices {
  readonly notified: readonly Notified[];
  /** When the sub-processors in `notified` get a mail at the latest; `null`: none is waiting for one. */
  readonly noticesDue: Date | null;
}

/** Why a company was not told that should have been. */
export const refusedByRelay = text(
  'Our relay has refused the mail to it',
  'Unser Mail-Dienst hat die Nachricht an sie abgelehnt',
);

const required = { type: String, required: true };

export const noticeFields = {
  notified: [
    new Schema<Notified>(
      {
        recipient: required,
        about: { ...required, enum: notifiedAbout },
        at: { type: Date, default: null },
        message: { type: String, default: null },
        reason: { type: String, default: null },
      },
      { _id: false },
    ),
  ],
  noticesDue: { type: Date, default: null },
} as const satisfies SchemaDefinition<Notices>;

/** The index by which the mails that are due are found. */
export const dueIndex = [
  { noticesDue: 1 },
  { partialFilterExpression: { noticesDue: { $type: 'date' } } },
] as const;

/** The categories of data that an erasure removes. */
export const erasedCategories = (kind: SubjectKind): readonly CategoryId[] =>
  registry.collections.flatMap(({ id, subject }) =>
    (subject?.[kind] ?? null) === null ? [] : (categoryOfCollection[id] ?? []),
  );

/** Those among these categories that a sub-processor may come into contact with. */
export const sharedWith = (
  { data }: Pick<SubProcessor, 'data'>,
  touched: readonly CategoryId[],
): CategoryId[] =>
  categoryIds.filter((category) => touched.includes(category) && data.includes(category));

/** How long a mail waits for more entries, so that a list of thousands is not a mail for each. */
export const collectingTime = hour;

/** The sub-processors that may have data of these categories, and when they get a mail. */
export function subProcessorsToTell(
  touched: readonly CategoryId[],
  about: Notified['about'],
  { facts, now }: { readonly facts: Pick<OperatorFacts, 'subProcessors'>; readonly now: number },
): Notices {
  const notified = facts.subProcessors
    .filter((one) => sharedWith(one, touched).length > 0)
    .map(({ name: recipient, notify }) => ({
      recipient,
      about,
      at: null,
      message: null,
      reason: 'reason' in notify ? notify.reason.en : null,
    }));
  const isMailed = notified.some(({ reason }) => reason === null);
  return { notified, noticesDue: isMailed ? new Date(now + collectingTime) : null };
}
