import { randomUUID } from 'node:crypto';
import type { Actor, StoppedStatus, TenantStatus } from '@mysmtp/contracts';
import type { Tenants as TenantAccess } from '@mysmtp/tenancy';
import type { CredentialDocument } from '../credentials/model.ts';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Telemetry } from '../telemetry.ts';
import type { TenantDocument } from '../tenants/model.ts';
import type { SuspensionCollection, SuspensionDocument } from './model.ts';

export interface Suspension {
  readonly id: string;
  readonly tenant: string;
  readonly credential: string | null;
  readonly status: StoppedStatus;
  readonly reason: string;
  readonly at: string;
  readonly appeal: { readonly text: string; readonly at: string } | null;
  readonly answer: { readonly text: string; readonly at: string } | null;
  readonly liftedAt: string | null;
}

/** What is stopped: a tenant, or one credential of it. */
export interface Stopped {
  readonly tenant: string;
  readonly credential?: string | undefined;
  readonly status: StoppedStatus;
  readonly reason: string;
}

/**
 * Tenants and credentials that humans have stopped. Nothing else makes a suspension: what the service finds
 * by itself only throttles, and ends by itself.
 */
export interface Suspensions {
  /** `undefined` if there is no such tenant or credential. */
  suspend(actor: Actor, stopped: Stopped): Promise<Suspension | undefined>;
  list(tenant: string): Promise<Suspension[]>;
  find(id: string): Promise<{ readonly tenant: string } | undefined>;
  /** The one appeal of the tenant. False if there is one already, or the suspension is lifted. */
  appeal(actor: Actor, id: string, text: string): Promise<boolean>;
  /** Answers an appeal, or lifts without one. False if it is lifted, or if there is nothing to answer. */
  answer(actor: Actor, id: string, text: string, lift: boolean): Promise<boolean>;
  /** Deletes those of a tenant; returns their number. */
  purge(tenant: string): Promise<number>;
}

/** Matches those that are in force. */
const open = { liftedAt: { $exists: false } } as const;

const path = (id: string, field: string) => `suspensions:${id}:${field}` as const;

export function createSuspensions(deps: {
  readonly collection: SuspensionCollection;
  readonly tenants: Entity<TenantDocument>;
  readonly credentials: Entity<CredentialDocument>;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly access: Pick<TenantAccess, 'run' | 'fencedBy'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
}): Suspensions {
  const { collection, tenants, credentials, reader, writer, access, fields, clock, telemetry } =
    deps;
  async function show(document: SuspensionDocument): Promise<Suspension> {
    const { _id: id, tenant, credential = null, status } = document;
    const textOf = (field: 'reason' | 'appeal' | 'answer', sealed: string) =>
      fields.open(tenant, path(id, field), sealed);
    const said = async (field: 'appeal' | 'answer', at: number | undefined) => {
      const sealed = document[field];
      if (sealed === undefined || at === undefined) return null;
      return { text: await textOf(field, sealed), at: iso(at) };
    };
    return {
      id,
      tenant,
      credential,
      status,
      reason: await textOf('reason', document.reason),
      at: iso(document.at),
      appeal: await said('appeal', document.appealedAt),
      answer: await said('answer', document.answeredAt),
      liftedAt: document.liftedAt === undefined ? null : iso(document.liftedAt),
    };
  }

  /** What is in force follows from the open suspensions alone. `restricted` also stops what `suspended` does. */
  async function statusOf(tenant: string): Promise<TenantStatus> {
    const found = await collection
      .find({ tenant, credential: { $exists: false }, ...open })
      .toArray();
    if (found.some(({ status }) => status === 'restricted')) return 'restricted';
    return found.length > 0 ? 'suspended' : 'active';
  }

  /** Repeated while another operator changes the suspensions of the same tenant. */
  async function apply({ tenant, credential }: Pick<Stopped, 'tenant' | 'credential'>) {
    if (credential !== undefined) {
      const isSuspended = async () =>
        (await collection.findOne({ tenant, credential, ...open })) !== null;
      for (let now = await isSuspended(), before; now !== before; now = await isSuspended()) {
        await writer.change(credentials, credential, { suspended: now });
        before = now;
      }
      return;
    }
    for (let now = await statusOf(tenant), before; now !== before; now = await statusOf(tenant)) {
      await writer.change(tenants, tenant, { status: now });
      before = now;
    }
  }

  async function change(
    id: string,
    when: object,
    changes: Partial<SuspensionDocument>,
  ): Promise<SuspensionDocument | undefined> {
    const found = await collection.findOne({ _id: id });
    if (found === null) return undefined;
    return access.run(found.tenant, 'write', async () => {
      const filter = { _id: id, ...open, ...when };
      const after = await collection.findOneAndUpdate(
        filter,
        { $set: changes },
        { returnDocument: 'after' },
      );
      return after ?? undefined;
    });
  }

  return {
    async suspend(actor, { tenant, credential, status, reason }) {
      if ((await reader.find(tenants, tenant)) === undefined) return undefined;
      if (credential !== undefined) {
        const found = await reader.find(credentials, credential);
        if (found?.tenant !== tenant) return undefined;
      }
      const id = randomUUID();
      const document: SuspensionDocument = {
        _id: id,
        tenant,
        ...(credential !== undefined && { credential }),
        status,
        reason: await fields.seal(tenant, path(id, 'reason'), reason),
        at: clock.now(),
      };
      await access.run(tenant, 'write', () => collection.insertOne(document));
      // If the process ends here, the operator repeats the request, or lifts this one.
      await apply({ tenant, credential });
      telemetry.suspended(actor, id, tenant, status);
      return show(document);
    },
    async list(tenant) {
      if (access.fencedBy(tenant) !== undefined) return [];
      const found = await collection.find({ tenant }).sort({ at: -1 }).toArray();
      return Promise.all(found.map(show));
    },
    async find(id) {
      const found = await collection.findOne({ _id: id });
      return found === null || access.fencedBy(found.tenant) !== undefined ? undefined : found;
    },
    async appeal(actor, id, text) {
      const found = await collection.findOne({ _id: id });
      if (found === null) return false;
      const appeal = await fields.seal(found.tenant, path(id, 'appeal'), text);
      const once = { appealedAt: { $exists: false } };
      const done = await change(id, once, { appeal, appealedAt: clock.now() });
      if (done === undefined) return false;
      telemetry.appealed(actor, id, done.tenant);
      return true;
    },
    async answer(actor, id, text, lift) {
      const found = await collection.findOne({ _id: id });
      if (found === null) return false;
      const answer = await fields.seal(found.tenant, path(id, 'answer'), text);
      const now = clock.now();
      const unanswered = { appealedAt: { $exists: true }, answeredAt: { $exists: false } };
      const done = await change(id, lift ? {} : unanswered, {
        answer,
        answeredAt: now,
        ...(lift && { liftedAt: now }),
      });
      if (done === undefined) return false;
      if (lift) await apply(done);
      telemetry.answered(actor, id, done.tenant, lift);
      return true;
    },
    async purge(tenant) {
      return (await collection.deleteMany({ tenant })).deletedCount;
    },
  };
}

const iso = (at: number): string => new Date(at).toISOString();
