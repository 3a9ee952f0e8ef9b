import {
  day,
  hour,
  internalApis,
  newMessageId,
  operatorRealm,
  type NoticeResult,
} from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { isDuplicateKey, openCollection, type Clock } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';
import { z } from 'zod';
import type { Sealing } from '../tenants/sealing.ts';

/** A mail to somebody without an account that ingress has not accepted yet. */
interface MailDocument {
  /** The id of the message. */
  readonly _id: string;
  /** What it says, so that it is not kept twice: an id, and the occasion. */
  readonly about: string;
  /** `Content`, sealed under the account key of the operators' realm. */
  readonly content: string;
  readonly createdAt: Date;
  readonly attempts: number;
  readonly dueAt: Date;
}

const Content = z.object({ to: z.string(), subject: z.string(), text: z.string() });
export type MailContent = z.infer<typeof Content>;

const schema = new Schema<MailDocument>(
  {
    _id: { type: String, required: true },
    about: { type: String, required: true, unique: true },
    content: { type: String, required: true },
    createdAt: { type: Date, required: true, index: true },
    attempts: { type: Number, required: true },
    dueAt: { type: Date, required: true, index: true },
  },
  { versionKey: false },
);

export async function openMailModel(connection: Connection): Promise<Model<MailDocument>> {
  const model = connection.model<MailDocument>('Mail', schema, 'mails');
  await openCollection(model);
  return model;
}

/** A mail that ingress has not accepted for so long is dropped. */
export const mailRetention = 3 * day;

/** Longer than a call to ingress may take, so that no mail is submitted twice at once. */
const firstPause = 10_000;

/**
 * Mails to people without an account: the links and the results of their requests. They are kept first and
 * submitted by a job, as the notices of identity are (docs/decisions/notices.md).
 */
export interface Mails {
  /** Does nothing if there is one about it already. `id`: of the message. */
  keep(about: string, content: MailContent, id?: string): Promise<void>;
  /** Whether one about it waits to be accepted. */
  has(about: string): Promise<boolean>;
  /**
   * Submits the due mails, and drops those that are too old. `submitted` is told of each before it is removed,
   * so it may be told again.
   */
  submitDue(submitted: (mail: SubmittedMail) => Promise<void>): Promise<void>;
  oldest(): Promise<number | undefined>;
  /** Calls `listener` for each mail that this process keeps. */
  onKept(listener: () => void): void;
}

export interface SubmittedMail {
  readonly id: string;
  readonly about: string;
  readonly result: NoticeResult;
}

const recordOf = (id: string) => `mails:${id}`;

export async function openMails(
  connection: Connection,
  deps: {
    readonly sealing: Sealing;
    readonly activate: (tenant: string) => Promise<unknown>;
    readonly ingress: ServiceClient;
    /** Author of all mails. Without it they wait. */
    readonly from: string | undefined;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Promise<Mails> {
  const model = await openMailModel(connection);
  const { sealing, activate, ingress, from, clock, log } = deps;
  const listeners: (() => void)[] = [];

  async function takeDue(now: Date): Promise<MailDocument | null> {
    const first = await model
      .findOne({ dueAt: { $lte: now } })
      .sort({ dueAt: 1 })
      .lean();
    if (first === null) return null;
    const { _id, attempts, dueAt } = first;
    const pause = Math.min(hour, firstPause * 2 ** attempts);
    // If another process was faster, the rest waits for the next turn.
    return model
      .findOneAndUpdate(
        { _id, dueAt },
        { $set: { dueAt: new Date(now.getTime() + pause) }, $inc: { attempts: 1 } },
        { returnDocument: 'after' },
      )
      .lean();
  }

  async function submit(
    { _id: id, about, content }: MailDocument,
    author: string,
    submitted: (mail: SubmittedMail) => Promise<void>,
  ): Promise<void> {
    const mail = Content.parse(await sealing.open(operatorRealm, recordOf(id), content));
    const { result } = await ingress.call(internalApis.submitNotice, {
      id,
      tenant: operatorRealm,
      from: author,
      ...mail,
    });
    await submitted({ id, about, result });
    await model.deleteOne({ _id: id });
    log.info('mail.submitted', { message: id, status: result });
  }

  return {
    async keep(about, content, _id = newMessageId(clock.now())) {
      await activate(operatorRealm);
      const createdAt = new Date(clock.now());
      const sealed = await sealing.seal(operatorRealm, recordOf(_id), content);
      try {
        await model.create({
          _id,
          about,
          content: sealed,
          createdAt,
          attempts: 0,
          dueAt: createdAt,
        });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      for (const listener of listeners) listener();
    },
    has: async (about) => (await model.exists({ about })) !== null,
    async submitDue(submitted) {
      const now = new Date(clock.now());
      const old = new Date(now.getTime() - mailRetention);
      const { deletedCount } = await model.deleteMany({ createdAt: { $lt: old } });
      if (deletedCount > 0) log.warn('mail.dropped', { count: deletedCount });
      if (from === undefined) return;
      for (let due = await takeDue(now); due !== null; due = await takeDue(now)) {
        try {
          await submit(due, from, submitted);
        } catch (error) {
          log.warn('mail.submit_failed', { message: due._id, attempt: due.attempts, error });
          // Ingress is away, and all others would fail, too.
          return;
        }
      }
    },
    async oldest() {
      const first = await model.findOne({}, { createdAt: 1 }).sort({ createdAt: 1 }).lean();
      return first?.createdAt.getTime();
    },
    onKept: (listener) => void listeners.push(listener),
  };
}
