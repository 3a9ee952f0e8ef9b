import { randomUUID } from 'node:crypto';
import { minute, newMessageId, type Actor } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { Telemetry } from '../telemetry.ts';
import type { AccessCollections, AccessDocument, AccessLogDocument } from './model.ts';

/** The request of an operator to see data of a tenant. */
export interface NewAccess {
  readonly tenant: string;
  readonly reason: string;
  readonly ticket: string;
  readonly minutes: number;
}

/** What an operator saw or did. */
interface Seen {
  /** The operation id of the route. */
  readonly action: string;
  readonly object?: string | undefined;
  readonly access?: string | undefined;
  readonly reason?: string | undefined;
  readonly ticket?: string | undefined;
}

/** An entry as the tenant reads it. */
export interface AccessLogEntry {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly access: string | null;
  readonly object: string | null;
  readonly reason: string | null;
  readonly ticket: string | null;
}

/**
 * Break-glass: an operator sees data of a tenant only through an access that is open, and the tenant sees in
 * its log what was read, and which acts of operators concern it.
 */
export interface Accesses {
  /** `announce` is awaited before the access can be used. Without the notice there is no access. */
  open(
    actor: Actor,
    wanted: NewAccess,
    announce: (times: { readonly at: number; readonly until: number }) => Promise<void>,
  ): Promise<{ readonly id: string; readonly until: string }>;
  /** Ends an access of this operator. False if it has no such open access. */
  close(actor: Actor, id: string): Promise<boolean>;
  /** Deletes accesses that are over. The log keeps who opened them and why. */
  dropExpired(): Promise<void>;
  /** The open access of this operator to this tenant. */
  find(actor: Actor, tenant: string): Promise<string | undefined>;
  /** Writes an entry to the log of a tenant. What an operator reads is sent only after that. */
  record(actor: Actor, tenant: string, seen: Seen): Promise<void>;
  /** The log of a tenant, newest first, before the entry with the id `before`. */
  log(
    tenant: string,
    page: { readonly limit: number; readonly before?: string | undefined },
  ): Promise<AccessLogEntry[]>;
}

type Sealed = 'reason' | 'ticket';

const inAccess = (id: string, field: Sealed) => `accesses:${id}:${field}` as const;
const inLog = (id: string, field: Sealed) => `accessLog:${id}:${field}` as const;

export function createAccesses(deps: {
  readonly collections: AccessCollections;
  readonly access: Pick<Tenants, 'run'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
}): Accesses {
  const { access, fields, clock, telemetry } = deps;
  const { accesses, accessLog } = deps.collections;

  const isOpenFor = ({ kind, id }: Actor) => ({
    by: id,
    byKind: kind,
    until: { $gt: clock.now() },
  });

  async function record(actor: Actor, tenant: string, seen: Seen): Promise<void> {
    const at = clock.now();
    const id = newMessageId(at);
    const sealed = async (field: Sealed) => {
      const text = seen[field];
      return text === undefined
        ? undefined
        : { [field]: await fields.seal(tenant, inLog(id, field), text) };
    };
    const entry: AccessLogDocument = {
      _id: id,
      tenant,
      by: actor.id,
      byKind: actor.kind,
      at,
      action: seen.action,
      access: seen.access ?? null,
      object: seen.object ?? null,
      ...(await sealed('reason')),
      ...(await sealed('ticket')),
    };
    await access.run(tenant, 'write', () => accessLog.insertOne(entry));
  }

  async function show(entry: AccessLogDocument): Promise<AccessLogEntry> {
    const { _id: id, tenant, by, byKind } = entry;
    const opened = async (field: Sealed) => {
      const sealed = entry[field];
      return sealed === undefined ? null : fields.open(tenant, inLog(id, field), sealed);
    };
    return {
      id,
      at: new Date(entry.at).toISOString(),
      by: `${byKind}:${by}`,
      action: entry.action,
      access: entry.access,
      object: entry.object,
      reason: await opened('reason'),
      ticket: await opened('ticket'),
    };
  }

  return {
    record,
    async open(actor, { tenant, reason, ticket, minutes }, announce) {
      const id = randomUUID();
      const openedAt = clock.now();
      const document: AccessDocument = {
        _id: id,
        tenant,
        by: actor.id,
        byKind: actor.kind,
        reason: await fields.seal(tenant, inAccess(id, 'reason'), reason),
        ticket: await fields.seal(tenant, inAccess(id, 'ticket'), ticket),
        openedAt,
        until: openedAt + minutes * minute,
      };
      // The tenant can see the access before it can be used.
      await record(actor, tenant, { action: 'openAccess', access: id, reason, ticket });
      await announce({ at: openedAt, until: document.until });
      await access.run(tenant, 'write', () => accesses.insertOne(document));
      telemetry.accessOpened(actor, tenant, id);
      return { id, until: new Date(document.until).toISOString() };
    },
    async close(actor, id) {
      const open = { _id: id, ...isOpenFor(actor) };
      const found = await accesses.findOneAndDelete(open);
      if (found === null) return false;
      telemetry.accessClosed(actor, found.tenant, id);
      return true;
    },
    async dropExpired() {
      await accesses.deleteMany({ until: { $lte: clock.now() } });
    },
    async find(actor, tenant) {
      return (await accesses.findOne({ tenant, ...isOpenFor(actor) }))?._id;
    },
    async log(tenant, { limit, before }) {
      const older = before === undefined ? {} : { _id: { $lt: before } };
      const entries = await accessLog
        .find({ tenant, ...older })
        .sort({ _id: -1 })
        .limit(limit)
        .toArray();
      return Promise.all(entries.map(show));
    },
  };
}
