import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { RequestChannel, RequestKind, RequestState } from '@mysmtp/api';
import { CodedError, commitmentOf, day, ledgerRetention, operatorRealm } from '@mysmtp/contracts';
import type { BareScope, Tenants } from '@mysmtp/tenancy';
import { isDuplicateKey, type Clock } from '@mysmtp/service';
import type { Connection, Model, QueryFilter, UpdateQuery } from 'mongoose';
import type { z } from 'zod';
import type { Sealing } from '../tenants/sealing.ts';
import { dueDate, ourTarget } from './clocks.ts';
import {
  Content,
  contentRecord,
  entryRecord,
  openRequestModel,
  realmOf,
  type RequestDocument,
} from './model.ts';
import { isBefore, isDone } from './states.ts';
import { endOfWaiting, type Waits } from './waiting-time.ts';

/** A request for each address, all of one kind and by one requester. */
export interface NewRequests {
  readonly kind: RequestKind;
  readonly channel: RequestChannel;
  /** `null`: to all tenants that have the address. */
  readonly tenant: string | null;
  /** Canonical. */
  readonly addresses: readonly string[];
  readonly by: string;
  readonly content: Omit<z.input<typeof Content>, 'address' | 'changedAccount'>;
  readonly receivedAt: Date;
  readonly group?: string;
  readonly note?: string;
  readonly waits?: Waits | undefined;
  /** Of a request that the person must confirm. */
  readonly challenge?: { readonly hash: string; readonly until: Date };
}

export interface Identified {
  readonly id: string;
  readonly nonce: string;
}

type Filter = QueryFilter<RequestDocument>;

/** What is recorded with a change. */
export interface NewEntry {
  readonly by: string;
  readonly kind: string;
  readonly reason?: string;
}

/** The ledger of the requests of persons, from all channels. */
export interface Requests {
  /** Throws a `TenantUnavailable`. Each nonce is given once, and is not stored. */
  add(requests: NewRequests): Promise<Identified[]>;
  /** Adds the part of a request that concerns one tenant, or its repetition; nothing if there is one. */
  addPart(of: RequestDocument, content: Content, tenant: string): Promise<void>;
  /**
   * Adds the objection of a person by one click. It is being executed already, so nothing else is asked.
   * `undefined` if there is one.
   */
  addClick(of: {
    readonly tenant: string;
    readonly person: string;
    readonly commitment: string;
  }): Promise<string | undefined>;
  find(filter: Filter): Promise<RequestDocument | null>;
  list(filter: Filter, limit: number): Promise<RequestDocument[]>;
  partsOf(id: string): Promise<RequestDocument[]>;
  contentOf(request: RequestDocument): Promise<Content>;
  /** With the sealed reasons. */
  historyOf(
    request: RequestDocument,
  ): Promise<{ at: string; by: string; kind: string; reason: string | null }[]>;
  /** Changes a request if it still matches. `undefined` if not. */
  change(
    request: Pick<RequestDocument, '_id' | 'tenant'>,
    only: Filter,
    set: UpdateQuery<RequestDocument>['$set'] & object,
    entry?: NewEntry,
  ): Promise<RequestDocument | undefined>;
  /** The same for another state, which has its own time and turn. */
  move(
    request: Pick<RequestDocument, '_id' | 'tenant'>,
    from: readonly RequestState[],
    to: RequestState,
    set?: UpdateQuery<RequestDocument>['$set'] & object,
    entry?: NewEntry,
  ): Promise<RequestDocument | undefined>;
  /** Adds a request without a person, as the canary of an erasure. */
  /** `letter`: the id of the dead letter that was planted with it. */
  plant(of: {
    readonly tenant: string;
    readonly person: string;
    readonly letter: string;
  }): Promise<void>;
  /** Deletes the requests of a tenant. Returns how many there were. */
  purge(tenant: string): Promise<number>;
  /**
   * Ends the other open requests of a person and removes who it is, for the erasure of the person. Returns how
   * many there were.
   */
  purgePerson(
    person: { readonly tenant: string; readonly person: string },
    letter: string | undefined,
  ): Promise<number>;
  /** Whether an erasure of a person of this tenant has not ended. */
  isErasing(tenant: string): Promise<boolean>;
  /** Deletes requests that were not confirmed in time, and those past their retention. */
  expire(): Promise<void>;
  oldest(): Promise<number | undefined>;
  /** Calls `listener` after each change by this process, which may have made a turn or a call due. */
  onChange(listener: () => void): void;
  readonly model: Model<RequestDocument>;
}

/** How long another click of the same person is no other request: as long as its order is kept. */
export const clickMemory = 30 * day;

export const hashOf = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url');

/** Hexadecimal, because a base64url value may look like an option on a command line. */
export const newNonce = (): string => randomBytes(32).toString('hex');

export async function openRequests(
  connection: Connection,
  deps: {
    readonly sealing: Sealing;
    readonly access: Pick<Tenants<BareScope>, 'run'>;
    /** Makes the key of the operators' realm. */
    readonly activate: (tenant: string) => Promise<unknown>;
    readonly clock: Clock;
  },
): Promise<Requests> {
  const { sealing, access, activate, clock } = deps;
  const model = await openRequestModel(connection);
  const now = () => new Date(clock.now());
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };

  /** The operators' realm has no fence and is no tenant. */
  const write = <Result>(tenant: string | null, work: () => Promise<Result>): Promise<Result> =>
    tenant === null || tenant === operatorRealm ? work() : access.run(tenant, 'write', work);

  async function sealedEntry(realm: string, id: string, { by, kind, reason }: NewEntry) {
    const entry = { at: now(), by, kind, content: null };
    if (reason === undefined) return entry;
    return { ...entry, content: await sealing.seal(realm, entryRecord(id, entry), reason) };
  }

  const contentOf = async (request: RequestDocument): Promise<Content> => {
    const { _id, content } = request;
    if (content === null) {
      throw new CodedError('internal_fault', 'The content of a request is opened after its end');
    }
    return Content.parse(await sealing.open(realmOf(request), contentRecord(_id), content));
  };

  async function change(
    { _id, tenant }: Pick<RequestDocument, '_id' | 'tenant'>,
    only: Filter,
    set: object,
    entry?: NewEntry,
  ): Promise<RequestDocument | undefined> {
    const pushed =
      entry === undefined ? undefined : await sealedEntry(realmOf({ tenant }), _id, entry);
    const found = await model
      .findOneAndUpdate(
        { ...only, _id },
        { $set: set, ...(pushed !== undefined && { $push: { entries: pushed } }) },
        { returnDocument: 'after' },
      )
      .lean();
    changed();
    return found ?? undefined;
  }

  return {
    model,
    async add({
      kind,
      channel,
      tenant,
      addresses,
      by,
      content,
      receivedAt,
      group,
      note,
      waits,
      challenge,
    }) {
      const realm = realmOf({ tenant });
      if (realm === operatorRealm) await activate(realm);
      const sealer = await sealing.sealer(realm);
      const sealed = { ...content, changedAccount: waits?.account ?? null };
      const entered = addresses.map((address) => {
        const _id = randomUUID();
        const nonce = newNonce();
        const entry = { at: now(), by, kind: 'received' };
        const reason = note === undefined ? null : sealer.seal(entryRecord(_id, entry), note);
        const document = {
          _id,
          kind,
          channel,
          tenant,
          // The bound of mails for each address needs it, also of an erasure.
          person: kind === 'erasure' && tenant !== null ? null : sealer.index(address),
          by,
          content: sealer.seal(contentRecord(_id), { ...sealed, address }),
          commitment: challenge === undefined ? commitmentOf(nonce, address) : null,
          state: challenge === undefined ? 'received' : 'awaiting_challenge',
          since: now(),
          receivedAt,
          dueAt: dueDate(receivedAt),
          ourDueAt: new Date(receivedAt.getTime() + ourTarget),
          group: group ?? null,
          challenge: challenge?.hash ?? null,
          challengeUntil: challenge?.until ?? null,
          actsAt: waits?.until ?? null,
          waitingFor: waits === undefined ? [] : [endOfWaiting],
          // Also a process of the release before gives it no earlier turn.
          turnAt: challenge === undefined ? (waits?.until ?? now()) : null,
          entries: [{ ...entry, content: reason }],
        };
        return { document, id: _id, nonce };
      });
      await write(tenant, () => model.insertMany(entered.map(({ document }) => document)));
      changed();
      return entered.map(({ id, nonce }) => ({ id, nonce }));
    },
    async addPart(of, content, tenant) {
      await write(tenant, async () => {
        const sealer = await sealing.sealer(tenant);
        const _id = randomUUID();
        const part = {
          _id,
          kind: of.kind,
          channel: of.channel,
          tenant,
          person: of.kind === 'erasure' ? null : sealer.index(content.address),
          by: of.by,
          content: sealer.seal(contentRecord(_id), content),
          commitment: of.commitment,
          state: 'received',
          since: now(),
          receivedAt: of.receivedAt,
          dueAt: of.dueAt,
          ourDueAt: of.ourDueAt,
          parent: of._id,
          turnAt: now(),
          entries: [{ at: now(), by: 'job:advance-requests', kind: 'received', content: null }],
        };
        await model.updateOne(
          { parent: of._id, tenant },
          { $setOnInsert: part },
          { upsert: true, setDefaultsOnInsert: true },
        );
      });
      changed();
    },
    async addClick({ tenant, person, commitment }) {
      const _id = randomUUID();
      const at = now();
      const click = { channel: 'one-click' as const, tenant, person };
      try {
        const { upsertedCount } = await write(tenant, () =>
          model.updateOne(
            click,
            {
              $setOnInsert: {
                _id,
                kind: 'objection',
                by: 'person',
                commitment,
                state: 'in_progress',
                since: at,
                beganAt: at,
                receivedAt: at,
                dueAt: dueDate(at),
                ourDueAt: new Date(at.getTime() + ourTarget),
                turnAt: at,
                entries: [{ at, by: 'person', kind: 'received', content: null }],
              },
            },
            { upsert: true, setDefaultsOnInsert: true },
          ),
        );
        changed();
        return upsertedCount === 1 ? _id : undefined;
      } catch (error) {
        // Two clicks at once.
        if (!isDuplicateKey(error)) throw error;
        return undefined;
      }
    },
    find: (filter) => model.findOne(filter).lean(),
    list: (filter, limit) => model.find(filter).sort({ receivedAt: -1 }).limit(limit).lean(),
    partsOf: (id) => model.find({ parent: id }).sort({ _id: 1 }).lean(),
    contentOf,
    historyOf: (request) =>
      Promise.all(
        request.entries.map(async (entry) => ({
          at: entry.at.toISOString(),
          by: entry.by,
          kind: entry.kind,
          reason:
            entry.content === null
              ? null
              : String(
                  await sealing.open(
                    realmOf(request),
                    entryRecord(request._id, entry),
                    entry.content,
                  ),
                ),
        })),
      ),
    change,
    move: (request, from, to, set = {}, entry) =>
      change(
        request,
        { state: { $in: [...from] } },
        {
          ...set,
          state: to,
          since: now(),
          turnAt: now(),
          ...(to === 'in_progress' && from.every(isBefore) && { beganAt: now() }),
          ...(isDone(to) && { settledAt: now() }),
        },
        entry,
      ),
    async plant({ tenant, person, letter }) {
      const [sealer, _id] = [await sealing.sealer(tenant), randomUUID()];
      const at = now();
      await write(tenant, () =>
        model.create({
          _id,
          kind: 'access',
          channel: 'api',
          tenant,
          person,
          group: letter,
          by: 'job:canary',
          content: sealer.seal(contentRecord(_id), { address: 'canary@invalid' }),
          state: 'cancelled',
          since: at,
          receivedAt: at,
          dueAt: at,
          ourDueAt: at,
        }),
      );
    },
    purge: async (tenant) => (await model.deleteMany({ tenant })).deletedCount,
    async purgePerson(whom, letter) {
      const at = now();
      // What was planted is about another person.
      if (letter !== undefined) await model.deleteMany({ tenant: whom.tenant, group: letter });
      const forgotten = { person: null, content: null };
      const entry = {
        $push: { entries: { at, by: 'job:erasure', kind: 'erased', content: null } },
      };
      // What a click has done is done.
      const done = await model.updateMany(
        { ...whom, settledAt: { $ne: null } },
        { $set: forgotten, ...entry },
      );
      const ended = await model.updateMany(
        { ...whom, settledAt: null },
        {
          $set: {
            ...forgotten,
            state: 'cancelled',
            since: at,
            settledAt: at,
            turnAt: null,
            callbackAt: null,
          },
          ...entry,
        },
      );
      return done.modifiedCount + ended.modifiedCount;
    },
    isErasing: async (tenant) =>
      (await model.exists({ tenant, kind: 'erasure', settledAt: null })) !== null,
    async expire() {
      await model.deleteMany({
        state: 'awaiting_challenge',
        channel: 'public',
        challengeUntil: { $lt: now() },
      });
      const clicks = { channel: 'one-click' as const, person: { $ne: null } };
      const old = new Date(clock.now() - clickMemory);
      await model.updateMany({ ...clicks, settledAt: { $lt: old } }, { person: null });
      const end = new Date(clock.now() - ledgerRetention);
      await model.deleteMany({ receivedAt: { $lt: end }, settledAt: { $ne: null } });
    },
    async oldest() {
      const first = await model.findOne({}, { receivedAt: 1 }).sort({ receivedAt: 1 }).lean();
      return first?.receivedAt.getTime();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
