import type { RequestKind } from '@mysmtp/api';
import { newMessageId } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Model } from 'mongoose';
import type { CategoryId } from '../documents/categories.ts';
import type { OperatorFacts, SubProcessor } from '../documents/operator.ts';
import type { ErasureDocument, Ledger } from '../erasures/ledger.ts';
import type { Mails, SubmittedMail } from '../mails/outbox.ts';
import { subProcessorMail, type DoneWork } from '../mails/sub-processor.ts';
import {
  erasedCategories,
  refusedByRelay,
  sharedWith,
  type Notices,
  type Notified,
} from '../recipients/notified.ts';
import type { Requests } from './ledger.ts';
import type { RequestDocument } from './model.ts';

const ofAccounts: readonly CategoryId[] = ['account', 'sign-in'];

type Told = Pick<RequestDocument, 'kind' | 'channel'>;

const categoriesOf: Partial<Record<RequestKind, (of: Told) => readonly CategoryId[]>> = {
  rectification: () => ['account'],
  erasure: ({ channel }) => [
    ...erasedCategories('person'),
    ...(channel === 'account' ? ofAccounts : []),
  ],
  restriction: () => ['mail', 'usage-log'],
};

/** The data of which recipients are told (GDPR Art. 19), by the right that was executed. */
export const touchedBy = (request: Told): readonly CategoryId[] =>
  categoriesOf[request.kind]?.(request) ?? [];

/** What a request is about for a recipient; `undefined`: no recipient is told of it. */
export function aboutOf(kind: RequestKind, lifts: boolean): Notified['about'] | undefined {
  if (kind === 'restriction') return lifts ? 'lifting' : kind;
  return kind === 'erasure' || kind === 'rectification' ? kind : undefined;
}

/** What a mail says about an entry. */
interface Done extends DoneWork {
  readonly touched: readonly CategoryId[];
}

/** Entries in one mail, of one ledger. */
const most = 500;

const subjectOf = (message: string): string => `${message} recipients`;

/** The entries of which a recipient does not know yet. */
const open = (more: object) => ({
  noticesDue: { $ne: null },
  notified: { $elemMatch: { at: null, reason: null, ...more } },
});

/** A ledger with entries of which recipients are told. */
function ledgerOf<Of extends Partial<Notices>>(
  ledger: Model<Of>,
  doneOf: (entry: Of, message: string) => Done,
) {
  const model = ledger as unknown as Model<Notices & { readonly _id: string }>;
  return {
    isDue: async (more: object, now: Date) =>
      (await model.exists({ ...more, noticesDue: { $lte: now } })) !== null,
    /** Puts the entries that are in no mail to this recipient into this one. */
    async mark(recipient: string, message: string): Promise<void> {
      const uncollected = open({ recipient, message: null });
      const found = await model.find(uncollected, { _id: 1 }).limit(most).lean();
      await model.updateMany(
        { ...uncollected, _id: { $in: found.map(({ _id }) => _id) } },
        { $set: { 'notified.$.message': message } },
      );
    },
    /** The mails to this recipient that are not accepted. */
    async messages(recipient: string): Promise<string[]> {
      const waiting = await model.find(open({ recipient })).lean();
      return waiting.flatMap(({ notified }) =>
        notified.flatMap((one) =>
          one.recipient === recipient && one.at === null ? (one.message ?? []) : [],
        ),
      );
    },
    async batch(recipient: string, message: string): Promise<Done[]> {
      const found = await model.find(open({ recipient, message })).lean();
      return (found as unknown as Of[]).map((entry) => doneOf(entry, message));
    },
    async settle(message: string, set: object): Promise<number> {
      return (await model.updateMany(open({ message }), { $set: set })).modifiedCount;
    },
    async close(): Promise<void> {
      const done = { $not: { $elemMatch: { at: null, reason: null } } };
      await model.updateMany({ noticesDue: { $ne: null }, notified: done }, { noticesDue: null });
    },
  };
}

const doneRequest = (request: RequestDocument, message: string): Done => ({
  id: request._id,
  about: request.notified.find((one) => one.message === message)?.about ?? 'erasure',
  at: request.settledAt ?? request.since,
  touched: touchedBy(request),
});

const doneErasure = ({
  _id: id,
  subject: { kind },
  completedAt,
  since,
}: ErasureDocument): Done => ({
  id,
  about: kind === 'tenant' ? 'customer' : 'erasure',
  at: completedAt ?? since,
  touched: erasedCategories(kind),
});

/** Mails to sub-processors about what was executed, each about all that has come together. */
export function createRecipientNotices(deps: {
  readonly requests: Pick<Requests, 'model'>;
  readonly erasures: Ledger;
  readonly mails: Pick<Mails, 'keep' | 'has'>;
  readonly facts: Pick<OperatorFacts, 'subProcessors' | 'backupRetentionDays' | 'name' | 'email'>;
  readonly clock: Clock;
  readonly log: Logger;
}): { send(): Promise<void>; submitted(mail: SubmittedMail): Promise<void> } {
  const { requests, erasures, mails, facts, clock, log } = deps;
  const ledgers = [ledgerOf(requests.model, doneRequest), ledgerOf(erasures, doneErasure)];

  const isDue = async (more: object): Promise<boolean> => {
    const now = new Date(clock.now());
    return (await Promise.all(ledgers.map((one) => one.isDue(more, now)))).includes(true);
  };

  /** Those that are in no mail become one mail. */
  async function collect(recipient: string): Promise<void> {
    if (!(await isDue(open({ recipient, message: null })))) return;
    const message = newMessageId(clock.now());
    for (const one of ledgers) await one.mark(recipient, message);
  }

  /** Keeps the mail, also again if it was dropped because ingress was away for days. */
  async function write(to: SubProcessor, email: string, message: string): Promise<void> {
    if (await mails.has(subjectOf(message))) return;
    // Read after that: an accepted mail is in the ledger before it is removed.
    const batch = (await Promise.all(ledgers.map((one) => one.batch(to.name, message)))).flat();
    if (batch.length === 0) return;
    const mail = subProcessorMail(to.country, {
      facts,
      data: [...new Set(batch.flatMap(({ touched }) => sharedWith(to, touched)))],
      done: batch,
    });
    await mails.keep(subjectOf(message), { to: email, ...mail }, message);
  }

  async function close(): Promise<void> {
    for (const one of ledgers) await one.close();
  }

  return {
    async send() {
      if (!(await isDue({}))) return;
      for (const one of facts.subProcessors) {
        if (!('email' in one.notify)) continue;
        await collect(one.name);
        const messages = await Promise.all(ledgers.map((ledger) => ledger.messages(one.name)));
        for (const message of new Set(messages.flat())) {
          await write(one, one.notify.email, message);
        }
      }
      await close();
    },
    async submitted({ id: message, about, result }) {
      if (about !== subjectOf(message)) return;
      const told =
        result === 'accepted'
          ? { 'notified.$.at': new Date(clock.now()) }
          : { 'notified.$.reason': refusedByRelay.en };
      const counts = await Promise.all(ledgers.map((one) => one.settle(message, told)));
      await close();
      const count = counts.reduce((sum, one) => sum + one, 0);
      log.info('request.recipient_told', { message, count, status: result });
    },
  };
}
