import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ingressApi } from '@mysmtp/api';
import {
  dayKeyId,
  internalApis,
  type Fence,
  type IdentityChange,
  type KeyId,
  type ServiceName,
} from '@mysmtp/contracts';
import {
  hashToken,
  implement,
  openApi,
  openSignedCallerVerifier,
  Problem,
  problems,
  serve,
  type Route,
} from '@mysmtp/http';
import { answerKeys } from '@mysmtp/keys';
import { createLogger } from '@mysmtp/log';
import { everythingStands, makeServiceKeys, type ServiceKeys } from '@mysmtp/test-kit';
import { seal } from '@mysmtp/seal';
import { Registry } from 'prom-client';

/** Identity, privacy and ingress as far as delivery knows them: their internal APIs, over HTTP. */
export interface Neighbours {
  readonly urls: { readonly identity: string; readonly privacy: string; readonly ingress: string };
  readonly serviceKeys: ServiceKeys;
  /** A key of privacy's; made when it is first asked for. */
  keyOf(tenant: string, id: KeyId): KeyObject;
  destroyKey(tenant: string, id: KeyId): void;
  /** The fences that stand: privacy answers with them, and hands out no key of their tenants. */
  readonly fences: Fence[];
  /** Chunks of spooled messages by spool id, sealed. */
  readonly spool: Map<string, Buffer[]>;
  /** What is away answers 503. */
  readonly away: Set<ServiceName>;
  close(): Promise<void>;
}

export interface TestDomain {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
}

/** Each tenant has one owner, whose token is `owner-of-TENANT`; the operator's is `operator`. */
export async function startNeighbours(
  tenants: readonly string[],
  domains: readonly TestDomain[],
): Promise<Neighbours> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-delivery-'));
  const serviceKeys = await makeServiceKeys(dir);
  const { jwksFile } = serviceKeys;

  const keys = new Map<string, KeyObject | 'destroyed'>();
  const look = (tenant: string, id: KeyId) => {
    const name = `${tenant} ${id}`;
    const key = keys.get(name) ?? createSecretKey(randomBytes(32));
    keys.set(name, key);
    return key;
  };
  const keyOf = (tenant: string, id: KeyId): KeyObject => {
    const key = look(tenant, id);
    if (key === 'destroyed') throw new Error('This key is destroyed');
    return key;
  };
  const away = new Set<ServiceName>();
  const fences: Fence[] = [];
  const spool = new Map<string, Buffer[]>();
  const present = (service: ServiceName): void => {
    if (away.has(service)) throw problems.unavailable('away');
  };
  const start = async (service: ServiceName, ...routes: Route[]) => {
    const api = await openApi({
      service,
      address: '127.0.0.1',
      port: 0,
      internalPort: 0,
      routes,
      tokens: () => undefined,
      callers: await openSignedCallerVerifier(service, jwksFile),
      log: createLogger(service, 'error', { write: () => undefined }),
      metrics: new Registry(),
    });
    return { url: `http://127.0.0.1:${String(api.internalPort)}`, close: api.close };
  };

  const changes: IdentityChange[] = [
    ...tenants.flatMap((tenant) => [
      tenantChange(tenant),
      tokenChange(`owner-of-${tenant}`, 'owner', tenant),
    ]),
    tokenChange('operator', 'operator', null),
    ...domains.map((domain) => domainChange(domain, keyOf(domain.tenant, 'account'))),
  ];
  const identity = await start(
    'identity',
    implement(internalApis.snapshot, 'Snapshot', async () => {
      present('identity');
      return { changes, next: null };
    }),
  );
  const privacy = await start(
    'privacy',
    implement(
      internalApis.resolveKeys,
      'Keys',
      answerKeys(await serviceKeys.as('privacy'), async ({ tenant, ids = unasked() }) => {
        present('privacy');
        if (fences.some(({ subject }) => subject.tenant === tenant)) {
          return { state: 'fenced' as const, keys: {}, destroyed: [] };
        }
        const found: Record<KeyId, Buffer> = {};
        const destroyed: KeyId[] = [];
        for (const id of ids) {
          const key = look(tenant, id);
          if (key === 'destroyed') destroyed.push(id);
          else found[id] = key.export();
        }
        return { state: 'active' as const, keys: found, destroyed };
      }),
    ),
    implement(internalApis.keyDays, 'Days of keys', async () => ({ mail: 7, events: 8 })),
    implement(internalApis.standing, 'Standing', async () => everythingStands),
    implement(internalApis.fences, 'Fences', async () => {
      present('privacy');
      return { fences };
    }),
  );
  const ingress = await start(
    'ingress',
    ...serve({ readSpool: ingressApi.readSpool })({
      readSpool: async ({ body }) => {
        present('ingress');
        const chunk = spool.get(body.id)?.[body.chunk];
        if (chunk === undefined) throw new Problem('gone');
        return { status: 200, body: chunk };
      },
    }),
  );
  return {
    urls: { identity: identity.url, privacy: privacy.url, ingress: ingress.url },
    serviceKeys,
    keyOf,
    destroyKey: (tenant, id) => void keys.set(`${tenant} ${id}`, 'destroyed'),
    fences,
    spool,
    away,
    async close() {
      await Promise.all([identity.close(), privacy.close(), ingress.close()]);
      await rm(dir, { recursive: true });
    },
  };
}

const tenantChange = (id: string): IdentityChange => ({
  v: 1,
  entity: 'tenant',
  id,
  version: 1,
  state: { status: 'active' },
});

const tokenChange = (
  token: string,
  role: 'owner' | 'operator',
  tenant: string | null,
): IdentityChange => ({
  v: 1,
  entity: 'token',
  id: `token-${token}`,
  version: 1,
  state: { role, tenant, hash: hashToken(token) },
});

function domainChange({ id, tenant, name }: TestDomain, account: KeyObject): IdentityChange {
  const context = { tenant, keyId: 'account', record: `domains:${id}:name` };
  const sealed = seal(account, context, Buffer.from(name)).toString('base64');
  return {
    v: 1,
    entity: 'domain',
    id,
    version: 1,
    state: { tenant, name: sealed, nameIndex: `index-of-${id}`, signing: 'ours' },
  };
}

/** What privacy hands out to whoever names no key. */
function unasked(): KeyId[] {
  const days = [Date.now(), Date.now() + 86_400_000];
  return [
    'index',
    'account',
    ...days.flatMap((at) => [dayKeyId('mail', at), dayKeyId('events', at)]),
  ];
}
