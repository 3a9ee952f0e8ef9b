import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  dayKeyId,
  internalApis,
  type Fence,
  type IdentityChange,
  type KeyId,
} from '@mysmtp/contracts';
import { hashToken, implement, openApi, openSignedCallerVerifier, type Route } from '@mysmtp/http';
import { answerKeys } from '@mysmtp/keys';
import { createLogger } from '@mysmtp/log';
import { everythingStands, makeServiceKeys, type ServiceKeys } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';

/** Identity and privacy as far as the usage log knows them: their internal APIs, over HTTP. */
export interface Neighbours {
  readonly identityUrl: string;
  readonly privacyUrl: string;
  readonly serviceKeys: ServiceKeys;
  /** A key of privacy's; made when it is first asked for. */
  keyOf(tenant: string, id: KeyId): KeyObject;
  destroyKey(tenant: string, id: KeyId): void;
  /** What privacy says of the fences that stand; their tenants get no keys. */
  readonly fences: Fence[];
  /** Privacy answers nobody any more. */
  stopPrivacy(): Promise<void>;
  close(): Promise<void>;
}

/** Each tenant has one owner, whose token is `owner-of-TENANT`. */
export async function startNeighbours(tenants: readonly string[]): Promise<Neighbours> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-logging-'));
  const serviceKeys = await makeServiceKeys(dir);
  const { jwksFile } = serviceKeys;

  const fences: Fence[] = [];
  const keys = new Map<string, KeyObject | 'destroyed'>();
  const look = (tenant: string, id: KeyId) => {
    const name = `${tenant} ${id}`;
    const key = keys.get(name) ?? createSecretKey(randomBytes(32));
    keys.set(name, key);
    return key;
  };
  const serve = async (service: 'identity' | 'privacy', ...routes: Route[]) =>
    openApi({
      service,
      address: '127.0.0.1',
      port: 0,
      internalPort: 0,
      routes,
      tokens: () => undefined,
      callers: await openSignedCallerVerifier(service, jwksFile),
      log: createLogger(service, 'error'),
      metrics: new Registry(),
    });

  const changes: IdentityChange[] = tenants.flatMap((tenant) => [
    { v: 1, entity: 'tenant', id: tenant, version: 1, state: { status: 'active' } },
    {
      v: 1,
      entity: 'token',
      id: `token-${tenant}`,
      version: 1,
      state: { role: 'owner', tenant, hash: hashToken(`owner-of-${tenant}`) },
    },
  ]);
  const identity = await serve(
    'identity',
    implement(internalApis.snapshot, 'Snapshot', async () => ({ changes, next: null })),
  );
  const privacy = await serve(
    'privacy',
    implement(internalApis.keyDays, 'Days of keys', async () => ({ mail: 7, events: 8 })),
    implement(internalApis.standing, 'Standing', async () => everythingStands),
    implement(internalApis.fences, 'Fences', async () => ({ fences })),
    implement(
      internalApis.resolveKeys,
      'Keys',
      answerKeys(await serviceKeys.as('privacy'), async ({ tenant, ids = unasked() }) => {
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
  );
  return {
    identityUrl: `http://127.0.0.1:${String(identity.internalPort)}`,
    privacyUrl: `http://127.0.0.1:${String(privacy.internalPort)}`,
    serviceKeys,
    keyOf(tenant, id) {
      const key = look(tenant, id);
      if (key === 'destroyed') throw new Error('This key is destroyed');
      return key;
    },
    fences,
    destroyKey: (tenant, id) => void keys.set(`${tenant} ${id}`, 'destroyed'),
    stopPrivacy: () => privacy.close(),
    async close() {
      await Promise.all([identity.close(), privacy.close()]);
      await rm(dir, { recursive: true });
    },
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
