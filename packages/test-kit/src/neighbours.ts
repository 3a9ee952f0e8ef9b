import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  day,
  dayKeyId,
  dayPurposes,
  type DkimKeyReport,
  internalApis,
  type Fence,
  type IdentityChange,
  type KeyDays,
  type KeyId,
  type QuotaReport,
  type ServiceName,
  type FindingNotice,
  type UseReport,
} from '@mysmtp/contracts';
import {
  hashToken,
  implement,
  openApi,
  openSignedCallerVerifier,
  problems,
  type Route,
} from '@mysmtp/http';
import { answerKeys } from '@mysmtp/keys';
import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import type { TestBroker } from './broker.ts';
import { everythingStands, makeServiceKeys, type ServiceKeys } from './service-keys.ts';

/** Fakes of identity and privacy for another service: their internal APIs, over HTTP, with real tokens. */
export interface Neighbours {
  readonly urls: { readonly identity: string; readonly privacy: string };
  readonly serviceKeys: ServiceKeys;
  /** The services that answer 503 now; for privacy also only its keys or its fences. */
  readonly away: Set<ServiceName | 'keys' | 'fences'>;
  /** Adds this state to the snapshot of identity. */
  know(change: Pick<IdentityChange, 'entity' | 'id' | 'state'>): IdentityChange;
  /** A tenant with one owner, whose token is `owner-of-TENANT`. */
  knowTenant(tenant: string): void;
  knowToken(token: string, role: 'owner' | 'operator', tenant: string | null): void;
  /** The same as `know`, with a broadcast to all services, as identity does. */
  change(
    broker: TestBroker,
    change: Pick<IdentityChange, 'entity' | 'id' | 'state'>,
  ): Promise<void>;
  /** The DKIM keys that were reported to identity, by domain. */
  readonly dkimKeys: Map<string, DkimKeyReport>;
  /** True: identity is of the release before, and takes no Ed25519 keys. */
  takesOnlyRsa: boolean;
  /** A key of privacy; created at the first request. */
  keyOf(tenant: string, id: KeyId): KeyObject;
  destroyKey(tenant: string, id: KeyId): void;
  /** Keys that are destroyed for all tenants. */
  readonly destroyed: Set<KeyId>;
  /** The fences in force: privacy returns them, and no key of their tenants. */
  readonly fences: Fence[];
  /** The state of every tenant without a fence. */
  keyState: 'active' | 'fenced' | 'erased';
  /** The uses of credentials and tokens that were reported to identity. */
  readonly uses: UseReport['uses'];
  /** What identity tells the owners of tenants. */
  readonly findings: FindingNotice[];
  /** What was reported to identity about limits of tenants. */
  readonly quotaReports: QuotaReport[];
  /** The signed heads of the audit chain that privacy got. */
  readonly auditHeads: string[];
  /** The lifetime of keys. */
  keyDays: KeyDays;
  /** Opens the internal API of another service; returns its URL. */
  serve(service: ServiceName, ...routes: Route[]): Promise<string>;
  /** Stops the API at the URL of this service. */
  stop(service: ServiceName): Promise<void>;
  close(): Promise<void>;
}

export async function startNeighbours(now: () => number = Date.now): Promise<Neighbours> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-neighbours-'));
  const serviceKeys = await makeServiceKeys(dir);
  const stops = new Map<ServiceName, () => Promise<void>>();
  const known = new Map<string, IdentityChange>();
  const keys = new Map<string, KeyObject>();
  const destroyedOf = new Set<string>();
  const away: Neighbours['away'] = new Set();

  const present = (...names: (ServiceName | 'keys' | 'fences')[]): void => {
    if (names.some((name) => away.has(name))) throw problems.unavailable('Not now');
  };
  const serve: Neighbours['serve'] = async (service, ...routes) => {
    const api = await openApi({
      service,
      address: '127.0.0.1',
      port: 0,
      internalPort: 0,
      routes,
      tokens: () => undefined,
      callers: await openSignedCallerVerifier(service, serviceKeys.jwksFile),
      // Refusals of this fake are intended.
      log: createLogger(service, 'error', { write: () => undefined }),
      metrics: new Registry(),
    });
    stops.set(service, () => api.close());
    return `http://127.0.0.1:${String(api.internalPort)}`;
  };
  const stop = async (service: ServiceName): Promise<void> => {
    const close = stops.get(service);
    stops.delete(service);
    await close?.();
  };

  function know({ entity, id, state }: Parameters<Neighbours['know']>[0]): IdentityChange {
    const version = (known.get(`${entity}:${id}`)?.version ?? 0) + 1;
    const change = { v: 1, entity, id, version, state } as IdentityChange;
    known.set(`${entity}:${id}`, change);
    return change;
  }

  function knowToken(token: string, role: 'owner' | 'operator', tenant: string | null): void {
    const state = { role, tenant, hash: hashToken(token) };
    know({ entity: 'token', id: `token-${token}`, state });
  }

  function keyOf(tenant: string, id: KeyId): KeyObject {
    const name = `${tenant} ${id}`;
    const key = keys.get(name) ?? createSecretKey(randomBytes(32));
    keys.set(name, key);
    return key;
  }

  const identity = await serve(
    'identity',
    implement(internalApis.snapshot, 'Snapshot', async () => {
      present('identity');
      return { changes: [...known.values()], next: null };
    }),
    implement(internalApis.reportDkimKey, 'DKIM keys', async (report) => {
      present('identity');
      const { ed25519, ...rsa } = report;
      neighbours.dkimKeys.set(report.domain, neighbours.takesOnlyRsa ? rsa : report);
      return { known: true, ...(!neighbours.takesOnlyRsa && { ed25519: ed25519 !== undefined }) };
    }),
    implement(internalApis.noticeFinding, 'Findings', async (finding) => {
      present('identity');
      neighbours.findings.push(finding);
      return {};
    }),
    implement(internalApis.reportUse, 'Uses', async ({ uses }) => {
      present('identity');
      neighbours.uses.push(...uses);
      return {};
    }),
    implement(internalApis.reportQuota, 'Limits', async (report) => {
      present('identity');
      neighbours.quotaReports.push(report);
      return {};
    }),
  );
  const privacy = await serve(
    'privacy',
    implement(
      internalApis.resolveKeys,
      'Keys',
      answerKeys(await serviceKeys.as('privacy'), async ({ tenant, ids = unasked(now()) }) => {
        present('privacy', 'keys');
        const isFenced = neighbours.fences.some(
          ({ subject }) => subject.kind === 'tenant' && subject.tenant === tenant,
        );
        const state = isFenced ? 'fenced' : neighbours.keyState;
        if (state !== 'active') return { state, keys: {}, destroyed: [] };
        const isDestroyed = (id: KeyId): boolean =>
          neighbours.destroyed.has(id) || destroyedOf.has(`${tenant} ${id}`);
        const living = ids.filter((id) => !isDestroyed(id));
        const found = living.map((id) => [id, keyOf(tenant, id).export()]);
        return {
          state,
          keys: Object.fromEntries(found) as Record<KeyId, Buffer>,
          destroyed: ids.filter(isDestroyed),
        };
      }),
    ),
    implement(internalApis.keepAuditHead, 'Heads of the audit chain', async ({ jws }) => {
      present('privacy');
      if (jws !== undefined) neighbours.auditHeads.push(jws);
      return { result: jws === undefined ? ('none' as const) : ('kept' as const), head: null };
    }),
    implement(internalApis.keyDays, 'Days of keys', async () => neighbours.keyDays),
    implement(internalApis.standing, 'Standing', async () => everythingStands),
    implement(internalApis.orderStanding, 'Orders', async () => ({ known: true, wanted: true })),
    implement(internalApis.fences, 'Fences', async () => {
      present('privacy', 'fences');
      return { fences: neighbours.fences };
    }),
  );

  const neighbours: Neighbours = {
    urls: { identity, privacy },
    serviceKeys,
    away,
    know,
    knowTenant(tenant) {
      know({ entity: 'tenant', id: tenant, state: { status: 'active' } });
      knowToken(`owner-of-${tenant}`, 'owner', tenant);
    },
    knowToken,
    change: (broker, change) => serviceKeys.tell(broker, know(change)),
    keyOf,
    destroyKey: (tenant, id) => void destroyedOf.add(`${tenant} ${id}`),
    dkimKeys: new Map(),
    takesOnlyRsa: false,
    destroyed: new Set(),
    fences: [],
    keyState: 'active',
    uses: [],
    findings: [],
    quotaReports: [],
    auditHeads: [],
    keyDays: { mail: 7, events: 31 },
    serve,
    stop,
    async close() {
      await Promise.all([...stops.keys()].map(stop));
      await rm(dir, { recursive: true });
    },
  };
  return neighbours;
}

/** The keys that privacy returns if the caller names none. */
function unasked(now: number): KeyId[] {
  const days = [now, now + day];
  return [
    'index',
    'account',
    ...days.flatMap((at) => dayPurposes.map((purpose) => dayKeyId(purpose, at))),
  ];
}
