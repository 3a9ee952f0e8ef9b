import {
  day,
  hour,
  internalApis,
  newMessageId,
  operatorRealm,
  TenantUnavailable,
} from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Tenants } from '@mysmtp/tenancy';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { Telemetry } from '../telemetry.ts';
import type { NoticeCollection, NoticeDocument } from './model.ts';
import { writeNotice, type NoticeKind, type NoticeValues } from './templates.ts';

/**
 * Notices by mail to people who have accounts. They are written to the database first, sealed under the
 * keys of the recipient's tenant, and submitted to ingress by a job. Such a mail belongs to that tenant, so
 * its erasure also erases every copy of it.
 */
export interface Notices {
  /**
   * Keeps a notice until ingress accepts it. `tenant`: that of the recipient; `null` for an operator.
   * Throws a `ZodError` for a value that is not one line, and a `TenantUnavailable`.
   */
  send<Kind extends NoticeKind>(
    tenant: string | null,
    address: string,
    kind: Kind,
    values: NoticeValues<Kind>,
  ): Promise<void>;
  /** Those to this address that wait. */
  waitingFor(
    tenant: string,
    address: string,
  ): Promise<{ readonly id: string; readonly subject: string; readonly createdAt: number }[]>;
  /** Submits the due notices; drops those that are too old. */
  submitDue(): Promise<void>;
  /** Keeps a notice that is never sent, as the canary of an erasure. */
  plant(tenant: string): Promise<void>;
  /** Deletes the notices of a tenant. Returns how many there were. */
  purge(tenant: string): Promise<number>;
  /** When the oldest notice was made, in milliseconds; `undefined` if none waits. */
  oldest(): Promise<number | undefined>;
  /** Calls `listener` for each notice that this process keeps. */
  onKept(listener: () => void): void;
}

/** A notice that ingress has not accepted for so long is dropped. Its links have expired by then. */
export const noticeRetention = 3 * day;

/** The first pause is longer than a call to ingress may take, so no notice is submitted twice at once. */
const firstPause = 10_000;

/** When a notice is submitted again, unless ingress accepts it now. */
const nextAttempt = (attempts: number, now: number): number =>
  now + Math.min(hour, firstPause * 2 ** attempts);

const fieldPath = (id: string) => `notices:${id}:content` as const;

interface Content {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export function createNotices(deps: {
  readonly collection: NoticeCollection;
  readonly access: Pick<Tenants, 'run'>;
  readonly fields: EncryptedFields;
  readonly ingress: ServiceClient;
  /** Author of all notices. Without it they wait. */
  readonly from: string | undefined;
  readonly activate: (tenant: string) => Promise<void>;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
}): Notices {
  const { collection, access, fields, ingress, from, activate, clock, telemetry } = deps;
  const listeners: (() => void)[] = [];

  async function keep(tenant: string, content: Content, dueAt?: number): Promise<string> {
    const now = clock.now();
    const _id = newMessageId(now);
    const sealed = await fields.seal(tenant, fieldPath(_id), JSON.stringify(content));
    const document = { _id, tenant, content: sealed, createdAt: now, attempts: 0 };
    await access.run(tenant, 'write', async () => {
      await collection.insertOne(dueAt === undefined ? document : { ...document, dueAt });
    });
    return _id;
  }

  /** Takes a due notice. It is due again later, so it is retried after a failure or a crash. */
  async function takeDue(now: number): Promise<NoticeDocument | null> {
    const [first] = await collection
      .find({ dueAt: { $lte: now } })
      .sort({ dueAt: 1 })
      .limit(1)
      .toArray();
    if (first === undefined) return null;
    const { _id, attempts, dueAt = now } = first;
    // If another process was faster, the rest waits for the next turn.
    return collection.findOneAndUpdate(
      { _id, dueAt },
      { $set: { dueAt: nextAttempt(attempts, now) }, $inc: { attempts: 1 } },
      { returnDocument: 'after' },
    );
  }

  const openContent = async (of: {
    readonly id: string;
    readonly tenant: string;
    readonly content: string;
  }) => JSON.parse(await fields.open(of.tenant, fieldPath(of.id), of.content)) as Content;

  async function submit({ _id: id, tenant, content }: NoticeDocument, author: string) {
    const opened = await openContent({ id, tenant, content });
    const { result } = await ingress.call(internalApis.submitNotice, {
      id,
      tenant,
      from: author,
      ...opened,
    });
    await collection.deleteOne({ _id: id });
    telemetry.noticeSubmitted(tenant, id, result);
  }

  async function dropOld(now: number): Promise<void> {
    const { deletedCount } = await collection.deleteMany({
      createdAt: { $lt: now - noticeRetention },
      dueAt: { $gt: 0 },
    });
    if (deletedCount > 0) telemetry.noticesDropped(deletedCount);
  }

  return {
    async send(tenant, address, kind, values) {
      const written = writeNotice(kind, values);
      const realm = tenant ?? operatorRealm;
      if (tenant === null) await activate(realm);
      const id = await keep(realm, { to: address, ...written }, clock.now());
      telemetry.noticeKept(realm, id, kind);
      for (const listener of listeners) listener();
    },
    async waitingFor(tenant, address) {
      const found = await collection.find({ tenant }).sort({ createdAt: 1 }).toArray();
      const opened = await Promise.all(
        found.map(async ({ _id: id, content, createdAt }) => {
          const { to, subject } = await openContent({ id, tenant, content });
          return { id, to, subject, createdAt };
        }),
      );
      return opened.flatMap(({ to, ...notice }) => (to === address ? notice : []));
    },
    async submitDue() {
      const now = clock.now();
      await dropOld(now);
      if (from === undefined) return;
      for (let due = await takeDue(now); due !== null; due = await takeDue(now)) {
        try {
          await submit(due, from);
        } catch (error) {
          telemetry.noticeFailed(due.tenant, due._id, due.attempts, error);
          // The tenant's own notices fail; otherwise ingress is away, and all others would fail, too.
          if (!(error instanceof TenantUnavailable)) return;
        }
      }
    },
    async plant(tenant) {
      await keep(tenant, { to: '', subject: '', text: '' });
    },
    async purge(tenant) {
      return (await collection.deleteMany({ tenant })).deletedCount;
    },
    async oldest() {
      const first = await collection.findOne({}, { sort: { createdAt: 1 } });
      return first?.createdAt;
    },
    onKept: (listener) => void listeners.push(listener),
  };
}
