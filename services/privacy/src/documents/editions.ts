import { day, type KeyDays, type Registry } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { isDuplicateKey, openCollection, type Clock } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';
import { generate, type Documents, type Generated } from './generate.ts';
import type { OperatorFacts } from './operator.ts';

/** All documents as they were at one time. Kept for good, so that everybody can see what was valid when. */
export interface EditionDocument {
  /** Its number: 1, 2, … */
  readonly _id: number;
  readonly sha256: string;
  readonly processing: string;
  /** The documents, JSON. */
  readonly content: string;
  readonly announcedAt: Date;
  readonly effectiveAt: Date;
}

export type Editions = Model<EditionDocument>;
export type EditionState = 'announced' | 'effective' | 'replaced';

const schema = new Schema<EditionDocument>(
  {
    _id: { type: Number, required: true },
    sha256: { type: String, required: true },
    processing: { type: String, required: true },
    content: { type: String, required: true },
    announcedAt: { type: Date, required: true },
    effectiveAt: { type: Date, required: true },
  },
  { versionKey: false },
);

export async function openEditions(connection: Connection): Promise<Editions> {
  const model = connection.model<EditionDocument>('Edition', schema, 'documents');
  await openCollection(model);
  return model;
}

/** How long before a change of the processing it is announced to the customers. */
export const noticePeriod = 30 * day;

type Dated = Omit<EditionDocument, 'content'>;

/**
 * When the new documents take effect; `undefined` if they are those of the newest edition. The first edition
 * takes effect at once, and so does another wording of processing that is already in force. Other processing
 * is announced first. If it is announced already, its date stays.
 *
 * `known`: all editions, by number.
 */
export function effectiveDate(
  known: readonly Dated[],
  { sha256, processing }: Pick<Generated, 'sha256' | 'processing'>,
  now: number,
): number | undefined {
  const newest = known.at(-1);
  if (newest === undefined) return now;
  if (newest.sha256 === sha256) return undefined;
  if (inForce(known, now)?.processing === processing) return now;
  const isAnnounced = newest.processing === processing && newest.effectiveAt.getTime() > now;
  return isAnnounced ? newest.effectiveAt.getTime() : now + noticePeriod;
}

/**
 * The edition that is in force: the newest one whose date has come. One that was replaced before its date
 * never is: its announcement was taken back.
 */
export function inForce<One extends Dated>(known: readonly One[], now: number): One | undefined {
  return known.findLast(({ effectiveAt }, at) => {
    const next = known[at + 1];
    const isTakenBack = next !== undefined && next.announcedAt < effectiveAt;
    return effectiveAt.getTime() <= now && !isTakenBack;
  });
}

export function stateOf(edition: Dated, known: readonly Dated[], now: number): EditionState {
  if (edition._id === inForce(known, now)?._id) return 'effective';
  return edition._id === known.at(-1)?._id ? 'announced' : 'replaced';
}

/** All editions by number, without their content. */
export const listEditions = (editions: Editions): Promise<Dated[]> =>
  editions.find({}, { content: 0 }).sort({ _id: 1 }).lean();

export const documentsIn = ({ content }: EditionDocument): Documents =>
  JSON.parse(content) as Documents;

/** Adds an edition if the registry or the facts have changed since the newest one. */
export async function publish(
  editions: Editions,
  {
    registry,
    facts,
    days,
    clock,
    log,
  }: {
    readonly registry: Registry;
    readonly facts: OperatorFacts;
    readonly days: KeyDays;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Promise<void> {
  const { documents, sha256, processing } = generate(registry, facts, days);
  const now = clock.now();
  const known = await listEditions(editions);
  const effectiveAt = effectiveDate(known, { sha256, processing }, now);
  if (effectiveAt === undefined) return;
  const number = (known.at(-1)?._id ?? 0) + 1;
  try {
    await editions.create({
      _id: number,
      sha256,
      processing,
      content: JSON.stringify(documents),
      announcedAt: new Date(now),
      effectiveAt: new Date(effectiveAt),
    });
    log.info('documents.announced', { count: number });
  } catch (error) {
    // Another process that starts at the same time has added it.
    if (!isDuplicateKey(error)) throw error;
  }
}
