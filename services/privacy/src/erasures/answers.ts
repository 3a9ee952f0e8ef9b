import type { ErasureAnswer, Receipt, ServiceName, WireOutcome } from '@mysmtp/contracts';
import { isDuplicateKey, openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';

/** The receipt of one store, signed by its service. */
export interface StoredReceipt {
  readonly store: string;
  readonly deleted: number;
  readonly jws: string;
  /** When it arrived, or arrived again. */
  readonly at: Date;
}

/** A process that refuses all work for the tenant. */
export interface Acknowledgement {
  readonly service: ServiceName;
  readonly process: string;
  readonly wire: WireOutcome;
}

/** Answers of stores, processes and services to erasures: one entry each, even if an answer is repeated. */
export interface Answers {
  /** `saidAt`: time of the signature, in milliseconds since the epoch. A repeated answer must be newer. */
  receipt(
    receipt: Pick<Receipt, 'requestId' | 'store' | 'deleted'>,
    jws: string,
    saidAt: number,
  ): Promise<void>;
  fenced(answer: Extract<ErasureAnswer, { kind: 'fenced' }>): Promise<void>;
  working(answer: Extract<ErasureAnswer, { kind: 'working' }>, saidAt: number): Promise<void>;
  unsupported(
    answer: Extract<ErasureAnswer, { kind: 'unsupported' }>,
    saidAt: number,
  ): Promise<void>;
  receipts(erasure: string): Promise<StoredReceipt[]>;
  acknowledgements(erasure: string): Promise<Acknowledgement[]>;
  /** The services that have reported progress since then. */
  workingSince(erasure: string, since: Date): Promise<ServiceName[]>;
  /** The services that have reported since then that they have no purge for this kind of subject. */
  unsupportedSince(erasure: string, since: Date): Promise<ServiceName[]>;
  removeOlderThan(at: Date): Promise<void>;
  oldest(): Promise<number | undefined>;
}

interface AnswerDocument {
  _id: string;
  erasure: string;
  kind: 'receipt' | 'fenced' | 'working' | 'unsupported';
  at: Date;
  saidAt?: number;
  store?: string;
  deleted?: number;
  jws?: string;
  service?: ServiceName;
  process?: string;
  wire?: WireOutcome;
}

const schema = new Schema<AnswerDocument>(
  {
    _id: { type: String, required: true },
    erasure: { type: String, required: true },
    kind: { type: String, required: true, enum: ['receipt', 'fenced', 'working', 'unsupported'] },
    at: { type: Date, required: true },
    saidAt: Number,
    store: String,
    deleted: Number,
    jws: String,
    service: String,
    process: String,
    wire: new Schema({ finished: Number, unknown: Number }, { _id: false }),
  },
  { collection: 'erasureAnswers', versionKey: false },
)
  .index({ erasure: 1, kind: 1 })
  .index({ at: 1 });

export async function openAnswers(
  connection: Connection,
  clock: { now(): number },
): Promise<Answers> {
  const model = connection.model<AnswerDocument>('ErasureAnswer', schema);
  await openCollection(model);

  /** False if it exists already. */
  async function insert(document: AnswerDocument): Promise<boolean> {
    try {
      await model.create(document);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** Records a repeated answer if it is newer. A replayed copy proves nothing about the present. */
  async function sayAgain(_id: string, at: Date, saidAt: number): Promise<void> {
    await model.updateOne({ _id, saidAt: { $not: { $gte: saidAt } } }, { at, saidAt });
  }

  async function ofService(
    { kind, erasure, service }: Extract<ErasureAnswer, { kind: 'working' | 'unsupported' }>,
    _id: string,
    saidAt: number,
  ): Promise<void> {
    const at = new Date(clock.now());
    if (await insert({ _id, erasure, kind, at, saidAt, service })) return;
    await sayAgain(_id, at, saidAt);
  }

  async function saidSince(
    kind: 'working' | 'unsupported',
    erasure: string,
    since: Date,
  ): Promise<ServiceName[]> {
    const found = await model.find({ erasure, kind, at: { $gte: since } }).lean();
    return found.flatMap(({ service }) => service ?? []);
  }

  return {
    async receipt({ requestId: erasure, store, deleted }, jws, saidAt) {
      const _id = `${erasure} ${store}`;
      const at = new Date(clock.now());
      if (await insert({ _id, erasure, kind: 'receipt', at, saidAt, store, deleted, jws })) return;
      // Counts of a store only grow. Of two receipts the one with more is the later, in any order of
      // arrival.
      await model.updateOne({ _id, deleted: { $lte: deleted } }, { deleted, jws });
      await sayAgain(_id, at, saidAt);
    },
    async fenced({ erasure, service, process, wire }) {
      const at = new Date(clock.now());
      await insert({
        _id: `${erasure} ${process}`,
        erasure,
        kind: 'fenced',
        at,
        service,
        process,
        wire,
      });
    },
    working: (answer, saidAt) => ofService(answer, `${answer.erasure} ${answer.service}`, saidAt),
    unsupported: (answer, saidAt) =>
      ofService(answer, `${answer.erasure} ${answer.service} unsupported`, saidAt),
    async receipts(erasure) {
      const found = await model.find({ erasure, kind: 'receipt' }).sort({ _id: 1 }).lean();
      return found.map(({ store = '', deleted = 0, jws = '', at }) => ({
        store,
        deleted,
        jws,
        at,
      }));
    },
    async acknowledgements(erasure) {
      const found = await model.find({ erasure, kind: 'fenced' }).lean();
      return found.flatMap(({ service, process, wire }) =>
        service === undefined || process === undefined || wire === undefined
          ? []
          : [{ service, process, wire }],
      );
    },
    workingSince: (erasure, since) => saidSince('working', erasure, since),
    unsupportedSince: (erasure, since) => saidSince('unsupported', erasure, since),
    async removeOlderThan(at) {
      await model.deleteMany({ at: { $lt: at } });
    },
    async oldest() {
      const found = await model.findOne().sort({ at: 1 }).lean();
      return found?.at.getTime();
    },
  };
}
