import { limitsOf, type CredentialOutcomes, type Limits } from '@mysmtp/contracts';
import { replies, type Reply } from '@mysmtp/mail';
import type { Projection } from '@mysmtp/projection';
import type { Tenants } from '@mysmtp/tenancy';
import type { Sender } from '../credentials/sender.ts';
import { Account, type Exceeded, type Unusual, type Use } from './account.ts';
import { refusalFor } from './refusals.ts';
import { createReports, type Reporting } from './reports.ts';
import type { Found, UsageStore } from './usage-store.ts';

type SentBy = Pick<Sender, 'tenant' | 'credential'>;

interface UsesOf {
  /** Of the tenant or of a credential. */
  readonly id: string;
  readonly uses: readonly Use[];
  readonly throttledUntil: number | undefined;
}

/** Limits what tenants and credentials may send, without a call on the path to the 250. */
export interface Quotas {
  /** Whether a message with so many recipients and octets would be refused now. */
  refusal(sender: Sender, recipients: number, octets: number): Reply | undefined;
  /** The same for a complete message, which is counted if it is not refused. */
  take(sender: Sender, recipients: number, octets: number): Reply | undefined;
  /** Takes back a message that was counted and got no 250. */
  giveBack(sender: Sender, recipients: number, octets: number): void;
  /** Counts a connection of a tenant. Call `disconnected` if it returns nothing. */
  connected(tenant: string): Reply | undefined;
  disconnected(tenant: string): void;
  /** What the tenant and its credentials have used. */
  uses(tenant: string): Promise<readonly UsesOf[]>;
  /** Adds what delivery says about the mail of credentials. */
  outcomes(all: CredentialOutcomes['outcomes']): void;
  /** Reads what was used before this process started. */
  load(): Promise<void>;
  /** Writes what this process has counted, and reads what all processes have. */
  sync(): Promise<void>;
  /** Resolves when nothing is being reported to identity. */
  reported(): Promise<void>;
  /** Throttles a credential until the day that began at `day` ends. */
  throttle(what: SentBy, day: number, unusual: Unusual): Promise<void>;
  /** How many processes share each limit, by the heartbeats that this process has received. */
  processes(): number;
  /** Makes the record of a tenant that has sent nothing, as the canary of an erasure. */
  plant(tenant: string): Promise<void>;
}

export function createQuotas(deps: {
  readonly store: UsageStore;
  readonly projection: Pick<Projection, 'get' | 'onChange'>;
  readonly tenants: Pick<Tenants, 'writeAll' | 'fencedBy' | 'isCurrent' | 'onFence'>;
  /** How many processes of ingress share each limit. */
  readonly processes: () => number;
  readonly clock: { now(): number };
  readonly reporting: Reporting;
  /** A credential sends as it never does, and is throttled. Called in one process, once a day. */
  readonly unusual: (what: SentBy, unusual: Unusual) => void;
}): Quotas {
  const { store, projection, tenants, clock } = deps;
  const accounts = new Map<string, Account>();
  const connections = new Map<string, number>();
  let processes = 1;
  let pending = Promise.resolve();
  const reports = createReports({ store, accounts, clock, ...deps.reporting });

  const limits = (tenant: string): Limits =>
    limitsOf(undefined, projection.get('tenant', tenant)?.limits);

  function accountOf(id: string, tenant: string): Account {
    let account = accounts.get(id);
    if (account === undefined) {
      const whole = id === tenant ? undefined : accountOf(tenant, tenant);
      account = new Account(id, tenant, limits(tenant), clock.now(), whole);
      accounts.set(id, account);
    }
    return account;
  }

  const accountsOf = (tenant: string): Account[] =>
    [...accounts.values()].filter((account) => account.tenant === tenant);

  projection.onChange(({ entity, id, state }) => {
    if (entity === 'credential' && state === null) accounts.delete(id);
    if (entity !== 'tenant') return;
    for (const account of accountsOf(id)) account.limit(limits(id));
  });
  const forget = (tenant: string): void => {
    for (const { id } of accountsOf(tenant)) accounts.delete(id);
  };
  tenants.onFence(({ tenant }) => forget(tenant));

  function exceeded(sender: Sender, recipients: number, octets: number): Exceeded | undefined {
    const { tenant, credential } = sender;
    const now = clock.now();
    return (
      accountOf(credential, tenant).exceeded(recipients, octets, now, processes) ??
      accountOf(tenant, tenant).exceeded(recipients, octets, now, processes)
    );
  }

  function refusal(sender: Sender, recipients: number, octets: number): Reply | undefined {
    const what = exceeded(sender, recipients, octets);
    return what === undefined ? undefined : refusalFor(what);
  }

  function count({ tenant, credential }: Sender, recipients: number, octets: number, sign: 1 | -1) {
    accountOf(credential, tenant).count(recipients, octets, sign);
    accountOf(tenant, tenant).count(recipients, octets, sign);
  }

  /** One after the other: an account has one set of counts that are being written. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = pending.then(work);
    pending = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async function write(used: readonly Account[]): Promise<void> {
    if (used.length === 0) return;
    const now = clock.now();
    const additions = used.map((account) => ({
      id: account.id,
      tenant: account.tenant,
      counts: account.send(now),
      outcomes: account.outcomes,
    }));
    let found: Found[];
    try {
      const concerned = used.map(({ tenant }) => tenant);
      found = await tenants.writeAll(concerned, () => store.add(additions));
    } catch (error) {
      for (const account of used) account.notWritten();
      throw error;
    }
    const byId = new Map(found.map((one) => [one.id, one]));
    for (const account of used) {
      const one = byId.get(account.id);
      account.written(one?.counts ?? []);
      if (one === undefined) continue;
      account.learnOutcomes(one.outcomes);
      account.learnVolume(one.volume);
    }
    reports.tell(found);
    for (const { id, tenant } of found) {
      const day = accounts.get(id)?.newUnusualDay();
      if (day !== undefined) await throttle({ tenant, credential: id }, day, 'volume');
    }
  }

  async function throttle(what: SentBy, day: number, unusual: Unusual): Promise<void> {
    const account = accountOf(what.credential, what.tenant);
    if (account.isUnusualOn(day)) return;
    const isFirst = await store.setUnusual(what.credential, day, unusual);
    account.setUnusual(day, unusual);
    if (isFirst) deps.unusual(what, unusual);
  }

  return {
    refusal,
    take(sender, recipients, octets) {
      const reply = refusal(sender, recipients, octets);
      if (reply === undefined) count(sender, recipients, octets, 1);
      return reply;
    },
    giveBack: (sender, recipients, octets) => count(sender, recipients, octets, -1),
    connected(tenant) {
      const open = connections.get(tenant) ?? 0;
      if (open >= Math.ceil(limits(tenant).connections / processes)) {
        return replies.tenantConnectionLimit;
      }
      connections.set(tenant, open + 1);
      return undefined;
    },
    disconnected(tenant) {
      const left = (connections.get(tenant) ?? 1) - 1;
      if (left === 0) connections.delete(tenant);
      else connections.set(tenant, left);
    },
    outcomes(all) {
      for (const { tenant, credential, ...counts } of all) {
        const now = clock.now();
        // Of a revoked credential too, because its successor counts with the tenant.
        if (projection.get('tenant', tenant) !== undefined) {
          accountOf(tenant, tenant).addOutcomes(counts, now);
        }
        if (projection.get('credential', credential)?.tenant !== tenant) continue;
        accountOf(credential, tenant).addOutcomes(counts, now);
      }
    },
    uses: (tenant) =>
      inTurn(async () => {
        for await (const { id, counts, outcomes, volume } of store.find(tenant)) {
          accountOf(id, tenant).learn(counts);
          accountOf(id, tenant).learnOutcomes(outcomes);
          accountOf(id, tenant).learnVolume(volume);
        }
        accountOf(tenant, tenant);
        const now = clock.now();
        return accountsOf(tenant).map((account) => ({
          id: account.id,
          uses: account.uses(now),
          throttledUntil: account.throttledUntil(),
        }));
      }),
    load: () =>
      inTurn(async () => {
        for await (const found of store.find()) {
          const account = accountOf(found.id, found.tenant);
          account.learn(found.counts);
          account.learnOutcomes(found.outcomes);
          account.learnVolume(found.volume);
          reports.remember(found);
        }
      }),
    sync: () =>
      inTurn(async () => {
        processes = deps.processes();
        // The counts are kept until something may be written again.
        if (!tenants.isCurrent()) return;
        const used = [...accounts.values()].filter(({ isUsed }) => isUsed);
        for (const { tenant } of used) if (tenants.fencedBy(tenant) !== undefined) forget(tenant);
        await write(used.filter(({ id }) => accounts.has(id)));
      }),
    reported: reports.settled,
    throttle,
    processes: () => processes,
    plant: (tenant) => inTurn(() => write([accountOf(tenant, tenant)])),
  };
}
