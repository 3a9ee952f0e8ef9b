import type { ServiceName, SuppressionGround } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';

/** What a service has answered to an order: its receipt, and how much it counts. */
export interface OrderAnswered {
  readonly service: ServiceName;
  readonly run: string;
  readonly parts: number;
  readonly jws: string;
  readonly stores: readonly { readonly store: string; readonly count: number }[];
}

/** An order to the services for one request of a person. */
export interface OrderDocument {
  /** Id of the request. */
  readonly _id: string;
  readonly kind: string;
  readonly do: 'gather' | 'mark';
  readonly tenant: string;
  /** Blind index of the address. */
  readonly person: string;
  readonly commitment: string;
  /** Id of the account of the person, who has asked while signed in. */
  readonly account: string | null;
  /** Of a mark: its ground, and whether it must exist. */
  readonly ground: SuppressionGround | null;
  readonly exists: boolean | null;
  /** The key pair to which the data is sealed; the private half under the account key of the tenant. */
  readonly publicKey: string | null;
  readonly privateKey: string | null;
  readonly givenAt: Date;
  /** When the services were last asked, and how often. */
  readonly askedAt: Date | null;
  readonly asked: number;
  readonly answers: readonly OrderAnswered[];
  readonly completedAt: Date | null;
}

/** One part of the gathered data, as a service has sealed it to the key pair of the order. */
export interface PartDocument {
  /** `ORDER SERVICE RUN NUMBER`. */
  readonly _id: string;
  readonly order: string;
  readonly tenant: string;
  readonly person: string;
  readonly service: ServiceName;
  readonly run: string;
  readonly number: number;
  readonly enc: string;
  readonly sealed: string;
  readonly at: Date;
}

const id = { type: String, required: true } as const;
const text = { type: String, default: null } as const;
const moment = { type: Date, default: null } as const;

const orderSchema = new Schema<OrderDocument>(
  {
    _id: id,
    kind: id,
    do: { ...id, enum: ['gather', 'mark'] },
    tenant: id,
    person: id,
    commitment: id,
    account: text,
    ground: text,
    exists: { type: Boolean, default: null },
    publicKey: text,
    privateKey: text,
    givenAt: { type: Date, required: true },
    askedAt: moment,
    asked: { type: Number, default: 0 },
    answers: {
      type: [
        new Schema<OrderAnswered>(
          {
            service: id,
            run: id,
            parts: { type: Number, required: true },
            jws: id,
            stores: [
              new Schema({ store: id, count: { type: Number, required: true } }, { _id: false }),
            ],
          },
          { _id: false },
        ),
      ],
      default: [],
    },
    completedAt: moment,
  },
  { collection: 'orders', versionKey: false },
)
  .index({ tenant: 1, person: 1 })
  .index({ completedAt: 1 });

const partSchema = new Schema<PartDocument>(
  {
    _id: id,
    order: id,
    tenant: id,
    person: id,
    service: id,
    run: id,
    number: { type: Number, required: true },
    enc: id,
    sealed: id,
    at: { type: Date, required: true },
  },
  { collection: 'orderParts', versionKey: false },
)
  .index({ order: 1 })
  .index({ tenant: 1, person: 1 })
  .index({ at: 1 });

export interface OrderModels {
  readonly orders: Model<OrderDocument>;
  readonly parts: Model<PartDocument>;
}

export async function openOrderModels(connection: Connection): Promise<OrderModels> {
  const orders = connection.model<OrderDocument>('Order', orderSchema);
  const parts = connection.model<PartDocument>('OrderPart', partSchema);
  await Promise.all([openCollection(orders), openCollection(parts)]);
  return { orders, parts };
}
