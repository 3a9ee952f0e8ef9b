import type { RequestKind } from '@mysmtp/api';
import { hour, newMessageId, registry } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import { categoryIds, categoryOfCollection, type CategoryId } from '../documents/categories.ts';
import type { OperatorFacts, SubProcessor } from '../documents/operator.ts';
import type { Mails, SubmittedMail } from '../mails/outbox.ts';
import { subProcessorMail } from '../mails/sub-processor.ts';
import type { Requests } from './ledger.ts';
import type { Notified, RequestDocument } from './model.ts';

type Told = Pick<RequestDocument, 'kind' | 'channel'>;

const ofAccounts: readonly CategoryId[] = ['account', 'sign-in'];

/** The data of which recipients are told (GDPR Art. 19), by the right that was executed. */
const categoriesOf: Partial<Record<RequestKind, (of: Told) => readonly CategoryId[]>> = {
  rectification: () => ['account'],
  erasure: ({ channel }) => [
    ...registry.collections.flatMap(({ id, subject }) =>
      (subject?.person ?? null) === null ? [] : (categoryOfCollection[id] ?? []),
    ),
    ...(channel === 'account' ? ofAccounts : []),
  ],
  restriction: () => ['mail', 'usage-log'],
};

/** What a request is about for a recipient; `undefined`: no recipient is told of it. */
export function aboutOf(kind: RequestKind, lifts: boolean): Notified['about'] | undefined {
  if (kind === 'restriction') return lifts ? 'lifting' : kind;
  return kind === 'erasure' || kind === 'rectification' ? kind : undefined;
}

/** The categories of data of a request that a sub-processor may come into contact with. */
function shared(of: Told, { data }: SubProcessor): CategoryId[] {
  const touched = categoriesOf[of.kind]?.(of) ?? [];
  return categoryIds.filter((category) => touched.includes(category) && data.includes(category));
}

/** How long a mail waits for more requests, so that a list of thousands is not a mail for each. */
export const collectingTime = hour;

/** The sub-processors that may have the data of an executed request, and when they get a mail. */
export function subProcessorsToTell(
  request: Told,
  about: Notified['about'],
  { facts, now }: { readonly facts: Pick<OperatorFacts, 'subProcessors'>; readonly now: number },
): Pick<RequestDocument, 'notified' | 'noticesDue'> {
  const notified = facts.subProcessors
    .filter((one) => shared(request, one).length > 0)
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

/** Requests in one mail. */
const most = 500;

const subjectOf = (message: string): string => `${message} recipients`;

/** The requests of which a recipient does not know yet. */
const open = (more: object) => ({
  noticesDue: { $ne: null },
  notified: { $elemMatch: { at: null, reason: null, ...more } },
});

/** Mails to sub-processors about executed requests, each about all that have come together. */
export function createRecipientNotices(deps: {
  readonly requests: Pick<Requests, 'model'>;
  readonly mails: Pick<Mails, 'keep' | 'has'>;
  readonly facts: Pick<OperatorFacts, 'subProcessors' | 'backupRetentionDays' | 'name' | 'email'>;
  readonly clock: Clock;
  readonly log: Logger;
}): { send(): Promise<void>; submitted(mail: SubmittedMail): Promise<void> } {
  const { requests, mails, facts, clock, log } = deps;
  const { model } = requests;

  /** Those that are in no mail become one mail. */
  async function collect(recipient: string): Promise<void> {
    const uncollected = open({ recipient, message: null });
    const due = { ...uncollected, noticesDue: { $lte: new Date(clock.now()) } };
    if ((await model.exists(due)) === null) return;
    const found = await model.find(uncollected, { _id: 1 }).limit(most).lean();
    const message = newMessageId(clock.now());
    await model.updateMany(
      { ...uncollected, _id: { $in: found.map(({ _id }) => _id) } },
      { $set: { 'notified.$.message': message } },
    );
  }

  /** Keeps the mail, also again if it was dropped because ingress was away for days. */
  async function write(to: SubProcessor, email: string, message: string): Promise<void> {
    if (await mails.has(subjectOf(message))) return;
    // Read after that: an accepted mail is in the ledger before it is removed.
    const batch = await model.find(open({ recipient: to.name, message })).lean();
    if (batch.length === 0) return;
    const mail = subProcessorMail(to.country, {
      facts,
      data: [...new Set(batch.flatMap((request) => shared(request, to)))],
      requests: batch.map((request) => ({
        id: request._id,
        about:
          request.notified.find((one) => one.message === message)?.about ?? ('erasure' as const),
        at: request.settledAt ?? request.since,
      })),
    });
    await mails.keep(subjectOf(message), { to: email, ...mail }, message);
  }

  async function close(): Promise<void> {
    const done = { $not: { $elemMatch: { at: null, reason: null } } };
    await model.updateMany({ noticesDue: { $ne: null }, notified: done }, { noticesDue: null });
  }

  return {
    async send() {
      const due = { noticesDue: { $lte: new Date(clock.now()) } };
      if ((await model.exists(due)) === null) return;
      for (const one of facts.subProcessors) {
        if (!('email' in one.notify)) continue;
        await collect(one.name);
        const waiting = await model.find(open({ recipient: one.name })).lean();
        const messages = waiting.flatMap(({ notified }) =>
          notified.flatMap(({ recipient, message, at }) =>
            recipient === one.name && at === null ? (message ?? []) : [],
          ),
        );
        for (const message of new Set(messages)) await write(one, one.notify.email, message);
      }
      await close();
    },
    async submitted({ id: message, about, result }) {
      if (about !== subjectOf(message)) return;
      const told =
        result === 'accepted'
          ? { 'notified.$.at': new Date(clock.now()) }
          : { 'notified.$.reason': 'Our relay has refused the mail to it' };
      const { modifiedCount } = await model.updateMany(open({ message }), { $set: told });
      await close();
      log.info('request.recipient_told', { message, count: modifiedCount, status: result });
    },
  };
}
