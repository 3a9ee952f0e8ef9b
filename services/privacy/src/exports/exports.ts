import { randomBytes } from 'node:crypto';
import { CodedError, day } from '@mysmtp/contracts';
import { createChunkSealer, openChunk, takeKey } from '@mysmtp/seal';
import { isDuplicateKey, octetsOf, openCollection, type Clock } from '@mysmtp/service';
import type { BareScope, Tenants } from '@mysmtp/tenancy';
import { Schema, type Connection, type Model, type mongo } from 'mongoose';
import { isRootName, type Vault } from '../vault/vault.ts';

/** One sealed chunk of the bundle of a request. */
export interface ExportDocument {
  /** `REQUEST:NUMBER`. */
  readonly _id: string;
  readonly request: string;
  readonly tenant: string;
  readonly person: string;
  readonly number: number;
  /** How many chunks the bundle has. */
  readonly chunks: number;
  readonly content: Buffer;
  readonly createdAt: Date;
}

/** How long a bundle can be downloaded. */
export const exportRetention = 7 * day;

/**
 * Bundles of exported data. Each is sealed under a key of its own, used once. The keys are in the vault and
 * not in the database, so a copy of the database opens no bundle whose key is destroyed.
 */
export interface Exports {
  /** Stores the bundle of a request. Does nothing if it is complete already. */
  keep(
    of: { readonly request: string; readonly tenant: string; readonly person: string },
    bundle: Buffer,
  ): Promise<void>;
  /** Until when it can be read. `undefined` as for `read`. */
  until(request: string): Promise<Date | undefined>;
  /** `undefined` if there is none, or its time is over. */
  read(request: string): Promise<{ readonly tenant: string; readonly bundle: Buffer } | undefined>;
  /** Destroys a key, then the bundle. */
  remove(request: string): Promise<void>;
  /** Removes all bundles that are too old, and keys without a bundle unless the request is open. */
  expire(isOpen: (request: string) => Promise<boolean>): Promise<void>;
  /** Removes those of a tenant, or of one person. Returns how many records there were. */
  purge(of: { readonly tenant: string; readonly person?: string }): Promise<number>;
  oldest(): Promise<number | undefined>;
}

const schema = new Schema<ExportDocument>(
  {
    _id: { type: String, required: true },
    request: { type: String, required: true },
    tenant: { type: String, required: true },
    person: { type: String, required: true },
    number: { type: Number, required: true },
    chunks: { type: Number, required: true },
    content: { type: Buffer, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'exports', versionKey: false },
)
  .index({ request: 1, number: 1 })
  .index({ tenant: 1, person: 1 })
  .index({ createdAt: 1 });

const keyId = 'export';
const recordOf = (request: string) => `exports:${request}`;

export async function openExportModel(connection: Connection): Promise<Model<ExportDocument>> {
  const model = connection.model<ExportDocument>('Export', schema);
  await openCollection(model);
  return model;
}

export function createExports(deps: {
  readonly model: Model<ExportDocument>;
  readonly vault: Vault;
  readonly access: Pick<Tenants<BareScope>, 'run'>;
  readonly clock: Clock;
}): Exports {
  const { model, vault, access, clock } = deps;

  async function chunksOf(request: string) {
    const found = await model.find({ request }).sort({ number: 1 }).lean();
    const [first] = found;
    return first !== undefined && found.length === first.chunks ? found : undefined;
  }

  async function store(
    { request, tenant, person }: Parameters<Exports['keep']>[0],
    bundle: Buffer,
  ): Promise<void> {
    // An attempt before this one may have been interrupted. Its key is used again.
    await vault.create(request, randomBytes(32));
    const secret = await vault.read(request);
    if (secret === undefined)
      throw new CodedError('export_key_missing', 'The key of the export is gone');
    const sealer = createChunkSealer(takeKey(secret), { tenant, keyId, record: recordOf(request) });
    const sealed = [...sealer.push(bundle), sealer.finish()];
    await model.deleteMany({ request });
    const createdAt = new Date(clock.now());
    for (const [number, content] of sealed.entries()) {
      const _id = `${request}:${String(number)}`;
      const one = { _id, request, tenant, person, number, chunks: sealed.length, createdAt };
      await model.create({ ...one, content });
    }
  }

  async function remove(request: string): Promise<void> {
    await vault.destroy(request);
    await model.deleteMany({ request });
  }

  const keep: Exports['keep'] = async (of, bundle) => {
    if ((await chunksOf(of.request)) !== undefined) return;
    try {
      await access.run(of.tenant, 'write', () => store(of, bundle));
    } catch (error) {
      // Another process stores the same bundle at this moment.
      if (!isDuplicateKey(error)) throw error;
    }
  };

  const isOver = ({ createdAt }: { readonly createdAt: Date }) =>
    createdAt.getTime() <= clock.now() - exportRetention;

  return {
    keep,
    remove,
    async until(request) {
      const found = await model.find({ request }, { chunks: 1, createdAt: 1 }).lean();
      const [first] = found;
      if (first === undefined || found.length !== first.chunks || isOver(first)) return undefined;
      return new Date(first.createdAt.getTime() + exportRetention);
    },
    async read(request) {
      const chunks = await chunksOf(request);
      const [first] = chunks ?? [];
      if (chunks === undefined || first === undefined || isOver(first)) return undefined;
      const secret = await vault.read(request);
      if (secret === undefined) return undefined;
      const key = takeKey(secret);
      const { tenant } = first;
      const opened = chunks.map(({ content }, index) =>
        openChunk(
          key,
          { tenant, record: recordOf(request) },
          { index, last: index === chunks.length - 1 },
          octetsOf(content as unknown as mongo.Binary),
        ),
      );
      return { tenant, bundle: Buffer.concat(opened) };
    },
    async expire(isOpen) {
      const before = new Date(clock.now() - exportRetention);
      const old = await model.distinct('request', { createdAt: { $lte: before } });
      for (const request of old) await remove(request);
      // A key whose bundle was never stored, or is gone, is of no use.
      for (const request of await vault.list()) {
        if (await isOpen(request)) continue;
        if ((await model.exists({ request })) === null) await vault.destroy(request);
      }
    },
    async purge({ tenant, person }) {
      const of = { tenant, ...(person !== undefined && { person }) };
      const count = await model.countDocuments(of);
      for (const request of await model.distinct('request', of)) {
        // What was planted for an erasure has no key.
        if (isRootName(request)) await vault.destroy(request);
        await model.deleteMany({ request });
      }
      return count;
    },
    async oldest() {
      const found = await model.findOne().sort({ createdAt: 1 }).lean();
      return found?.createdAt.getTime();
    },
  };
}
