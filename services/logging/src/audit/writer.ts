import { randomBytes } from 'node:crypto';
import {
  chainKeyOf,
  commitmentOfPayload,
  digestOf,
  linked,
  payloadOf,
  rangesOf,
  saltLength,
  type About,
  type Position,
} from '@mysmtp/audit';
import {
  auditClassOf,
  CodedError,
  day,
  dayKeyId,
  isUnavailable,
  newMessageId,
  operatorRealm,
  securityRetention,
  TenantUnavailable,
  type SecurityEvent,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { createBackoff } from '@mysmtp/retry';
import { seal } from '@mysmtp/seal';
import { isDuplicateKey, type Clock } from '@mysmtp/service';
import { keysOf, type Tenants } from '@mysmtp/tenancy';
import { Counter, type Registry } from 'prom-client';
import { endOfChain, payloadRecord, type AuditEntries, type StoredEntry } from './store.ts';

/** An event to chain, and what it says about other entries. */
export interface Addition {
  readonly event: SecurityEvent;
  readonly about?: About;
}

export interface ChainWriter {
  /**
   * Resolves with true once each of these events is durable in the chain, once. Resolves with false if the
   * service stops while the database or the keys are away.
   */
  append(additions: readonly Addition[]): Promise<boolean>;
  /** From now on a failed write is given up. */
  finish(): void;
}

/** Entries in one write. */
const perWrite = 1_000;
const delays = { first: 100, longest: 5_000 } as const;
/** Longest wait for a database that is away. Milliseconds. */
const timeoutMS = 5_000;

/** Links what all callers add into one chain, in bulk. Other processes may do the same at the same time. */
export function openChainWriter(deps: {
  readonly entries: AuditEntries;
  readonly tenants: Tenants;
  /** Counts durably how many events of a fenced tenant were chained without their payload. */
  readonly countDropped: (erasure: string, count: number) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): ChainWriter {
  const { entries, tenants, countDropped, clock, log, metrics } = deps;
  const chained = new Counter({
    name: 'mysmtp_audit_entries_total',
    help: 'Entries that this process has added to the audit chain.',
    registers: [metrics],
  });
  const failures = new Counter({
    name: 'mysmtp_audit_write_failures_total',
    help: 'Writes to the audit chain that failed and are repeated.',
    registers: [metrics],
  });
  const keyOf = keysOf(tenants);
  const stopping = new AbortController();
  let waiting: { readonly additions: readonly Addition[]; settle(durable: boolean): void }[] = [];
  let writing = false;
  /** `undefined` if another process may have continued the chain. */
  let end: Position | undefined;

  async function write(): Promise<void> {
    writing = true;
    const backoff = createBackoff(delays);
    while (waiting.length > 0) {
      const batch = takeBatch();
      const additions = batch.flatMap((one) => one.additions);
      let durable = await tryToChain(additions);
      while (!durable && !stopping.signal.aborted) {
        await backoff.wait(stopping.signal);
        durable = await tryToChain(additions);
      }
      backoff.reset();
      for (const { settle } of batch) settle(durable);
    }
    writing = false;
  }

  function takeBatch() {
    let count = 0;
    const size = waiting.findIndex(({ additions }, index) => {
      count += additions.length;
      return index > 0 && count > perWrite;
    });
    return waiting.splice(0, size === -1 ? waiting.length : size);
  }

  async function tryToChain(additions: readonly Addition[]): Promise<boolean> {
    try {
      await chain(additions);
      return true;
    } catch (error) {
      end = undefined;
      failures.inc();
      log.warn('audit.write_failed', { error, count: additions.length });
      return false;
    }
  }

  /** Repeats until no other process gets in between. */
  async function chain(additions: readonly Addition[]): Promise<void> {
    for (;;) {
      const missing = end === undefined ? await withoutChained(additions) : additions;
      if (missing.length === 0) return;
      try {
        await insert(missing);
        return;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        // The number is taken by another process, or the event is chained already.
        end = undefined;
      }
    }
  }

  async function withoutChained(additions: readonly Addition[]): Promise<Addition[]> {
    const ids = additions.map(({ event }) => event.id);
    const chained = await entries
      .find({ event: { $in: ids } }, { projection: { event: 1 }, timeoutMS })
      .toArray();
    end = await endOfChain(entries);
    const known = new Set(chained.map(({ event }) => event));
    return additions.filter(({ event }) => !known.has(event.id));
  }

  async function insert(additions: readonly Addition[]): Promise<void> {
    if (end === undefined)
      throw new CodedError('internal_fault', 'The end of the chain is unknown');
    const time = Math.max(clock.now(), end.time);
    const keyId = dayKeyId('audit', time);
    const chainKey = chainKeyOf(await keyOf(operatorRealm, keyId));
    const made: StoredEntry[] = [];
    let position: Position = end;
    const add = async ({ event, about }: Addition): Promise<Erased | undefined> => {
      const payload = payloadOf(event, about);
      const salt = randomBytes(saltLength);
      const beside = await besideOf(event, time, Buffer.concat([salt, Buffer.from(payload)]));
      const commitment = commitmentOfPayload(salt, payload);
      const { seq, ...entry } = linked(position, chainKey, {
        time,
        type: event.type,
        keyId,
        commitment,
      });
      const { erased, ...stored } = beside;
      made.push({ _id: seq, ...entry, event: event.id, ...stored });
      position = { seq, time, digest: digestOf({ seq, ...entry }) };
      return erased === undefined ? undefined : { seq, ...erased };
    };
    const erased: Erased[] = [];
    for (const addition of additions) {
      const without = await add(addition);
      if (without !== undefined) erased.push(without);
    }
    const byErasure = [...Map.groupBy(erased, ({ erasure }) => erasure)];
    for (const [erasure, some] of byErasure) {
      const ranges = rangesOf(some.map(({ seq }) => seq));
      await add({
        event: aboutChain('payload_erased', clock.now(), erasure),
        about: { erased: ranges },
      });
    }
    const written = new Set(made.flatMap(({ tenant }) => tenant ?? []));
    await tenants.writeAll(written, async () => {
      await entries.insertMany(made, { ordered: true, timeoutMS });
    });
    end = position;
    chained.inc(made.length);
    for (const [erasure, some] of byErasure) {
      if (erasure !== null) await countDropped(erasure, some.length);
    }
  }

  /** What is stored beside the entry: nothing if the tenant is being erased. */
  async function besideOf(
    { id, type, tenant, client }: SecurityEvent,
    time: number,
    content: Buffer,
  ): Promise<Beside> {
    const auditClass = auditClassOf(type);
    const until = time + securityRetention[auditClass] * day;
    const sealFor = async (owner: string) => {
      const keyId = dayKeyId(auditClass, time);
      const key = await keyOf(owner, keyId);
      return seal(key, { tenant: owner, keyId, record: payloadRecord(id) }, content);
    };
    if (tenant === null)
      return { sealed: await sealFor(operatorRealm), until, ...addressOf(client, time) };
    try {
      return { tenant, sealed: await sealFor(tenant), until, ...addressOf(client, time) };
    } catch (error) {
      // Not a tenant of ours: only operators may see it.
      if (isUnavailable(error, 'unknown')) return { sealed: await sealFor(operatorRealm), until };
      if (!(error instanceof TenantUnavailable) || error.passes) throw error;
      return { erased: { erasure: error.erasure ?? tenants.fencedBy(tenant) ?? null } };
    }
  }

  return {
    append: (additions) =>
      new Promise((settle) => {
        waiting.push({ additions, settle });
        if (!writing) void write();
      }),
    finish: () => stopping.abort(),
  };
}

interface Erased {
  readonly seq: number;
  readonly erasure: string | null;
}

type Beside = Pick<StoredEntry, 'tenant' | 'sealed' | 'until' | 'client' | 'clientUntil'> & {
  readonly erased?: Omit<Erased, 'seq'>;
};

const addressOf = (client: string | null, time: number) =>
  client === null
    ? {}
    : {
        client: Buffer.from(client, 'base64'),
        clientUntil: time + securityRetention.client * day,
      };

/** An event of the chain itself. `object`: the erasure, if there is one. */
export const aboutChain = (
  type: SecurityEvent['type'],
  at: number,
  object: string | null = null,
): SecurityEvent => ({
  id: newMessageId(at),
  at,
  type,
  tenant: null,
  actor: { kind: 'service', id: 'logging' },
  object,
  operation: null,
  outcome: 'ok',
  reason: null,
  ticket: null,
  networkKey: null,
  network: null,
  client: null,
});
