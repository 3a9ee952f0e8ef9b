import {
  requestChannels,
  requestKinds,
  requestStates,
  type RequestChannel,
  type RequestKind,
  type RequestState,
} from '@mysmtp/api';
import { operatorRealm } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';
import { z } from 'zod';
import { dueIndex, noticeFields, type Notices } from '../recipients/notified.ts';

/** What happened to a request. Entries are added, and never changed. */
export interface RequestEntry {
  readonly at: Date;
  /** Who did it, as in the log. */
  readonly by: string;
  readonly kind: string;
  /** A reason, sealed; `null`: none. */
  readonly content: string | null;
}

/** A request of one person: one kind, one address, one tenant. */
export interface RequestDocument extends Notices {
  readonly _id: string;
  readonly kind: RequestKind;
  readonly channel: RequestChannel;
  /** `null`: it came by the public page or by letter, and its parts are the requests to the tenants. */
  readonly tenant: string | null;
  /**
   * Blind index of the address, under the index key of the realm, while the request is open; of a click for 30
   * days, so that another click finds it. An erasure has none: a search for the person must find nothing.
   */
  readonly person: string | null;
  /** Who asked, as in the log. */
  readonly by: string;
  /**
   * `Content`, sealed under the account key of the realm; `null` once it is not needed any more, and of a click:
   * its link has no address.
   */
  readonly content: string | null;
  /** `null` until the person has confirmed it. */
  readonly commitment: string | null;
  readonly state: RequestState;
  /** When it entered this state. */
  readonly since: Date;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  readonly ourDueAt: Date;
  /** Until when it waits: for the tenant, or after a change of the account in whose session it was made. */
  readonly actsAt: Date | null;
  /** When its right was first executed. */
  readonly beganAt: Date | null;
  readonly settledAt: Date | null;
  /** When the person was told that the tenant ends its restriction (GDPR Art. 18(3)). */
  readonly personToldAt: Date | null;
  readonly waitingFor: readonly string[];
  readonly receipts: readonly { readonly store: string; readonly jws: string }[];
  readonly certificate: string | null;
  readonly download: string | null;
  readonly parent: string | null;
  /** The id that the requester has given to a group of requests. */
  readonly group: string | null;
  /** SHA-256 of the code in the mail, and until when it is valid. */
  readonly challenge: string | null;
  readonly challengeUntil: Date | null;
  /** SHA-256 of the secret that shows the state. */
  readonly statusHash: string | null;
  /** When the tenant gets the next callback; `null`: none is due. */
  readonly callbackAt: Date | null;
  readonly callbacks: number;
  /** The time of its next turn in the job; `null`: none. */
  readonly turnAt: Date | null;
  readonly lease: string | null;
  readonly leasedUntil: Date | null;
  readonly entries: readonly RequestEntry[];
}

/** What is sealed in a request. */
export const Content = z.object({
  address: z.string(),
  details: z
    .object({
      address: z.string().optional(),
      name: z.string().optional(),
      lift: z.boolean().optional(),
    })
    .default({}),
  language: z.enum(['en', 'de']).default('en'),
  callbacks: z.array(z.string()).default([]),
  /** Id of the account of the person who asked for the own data. */
  account: z.string().nullable().default(null),
  /** Id of the account whose change it waits for. */
  changedAccount: z.string().nullable().default(null),
});
export type Content = z.output<typeof Content>;

export const realmOf = ({ tenant }: Pick<RequestDocument, 'tenant'>): string =>
  tenant ?? operatorRealm;

/** The records to which sealed values are bound. */
export const contentRecord = (id: string): string => `requests:${id}`;
export const entryRecord = (id: string, { at, kind }: Pick<RequestEntry, 'at' | 'kind'>): string =>
  `requests:${id}:${kind}:${String(at.getTime())}`;

const text = { type: String, default: null };
const moment = { type: Date, default: null };
const required = { type: String, required: true };
const date = { type: Date, required: true };

const schema = new Schema<RequestDocument>(
  {
    _id: required,
    kind: { ...required, enum: requestKinds },
    channel: { ...required, enum: requestChannels },
    tenant: text,
    person: text,
    by: required,
    content: text,
    commitment: text,
    state: { ...required, enum: requestStates },
    since: date,
    receivedAt: date,
    dueAt: date,
    ourDueAt: date,
    actsAt: moment,
    beganAt: moment,
    settledAt: moment,
    personToldAt: moment,
    waitingFor: [String],
    receipts: [new Schema({ store: String, jws: String }, { _id: false })],
    certificate: text,
    download: text,
    parent: text,
    group: text,
    challenge: text,
    challengeUntil: moment,
    statusHash: text,
    callbackAt: moment,
    callbacks: { type: Number, default: 0 },
    turnAt: moment,
    lease: text,
    leasedUntil: moment,
    entries: [
      new Schema<RequestEntry>(
        { at: date, by: required, kind: required, content: text },
        { _id: false },
      ),
    ],
    ...noticeFields,
  },
  { versionKey: false },
)
  .index({ turnAt: 1 }, { partialFilterExpression: { turnAt: { $type: 'date' } } })
  .index({ callbackAt: 1 }, { partialFilterExpression: { callbackAt: { $type: 'date' } } })
  .index(...dueIndex)
  .index({ challenge: 1 }, { partialFilterExpression: { challenge: { $type: 'string' } } })
  .index({ statusHash: 1 }, { partialFilterExpression: { statusHash: { $type: 'string' } } })
  // One part for each tenant, and one repetition of a request that was held.
  .index(
    { parent: 1, tenant: 1 },
    { unique: true, partialFilterExpression: { parent: { $type: 'string' } } },
  )
  // A person who clicks again has objected already.
  .index(
    { channel: 1, tenant: 1, person: 1 },
    {
      unique: true,
      partialFilterExpression: { channel: 'one-click', person: { $type: 'string' } },
    },
  )
  .index({ tenant: 1, receivedAt: -1 })
  .index({ tenant: 1, person: 1 })
  .index({ tenant: 1, group: 1 })
  .index({ receivedAt: -1 })
  .index({ state: 1 });

export async function openRequestModel(connection: Connection): Promise<Model<RequestDocument>> {
  const model = connection.model<RequestDocument>('PersonRequest', schema, 'requests');
  await openCollection(model);
  return model;
}
