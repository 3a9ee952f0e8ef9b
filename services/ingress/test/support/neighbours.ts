import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import {
  dayKeyId,
  internalApis,
  type Fence,
  type IdentityChange,
  type KeyDays,
  type KeyId,
} from '@mysmtp/contracts';
import { implement, openApi, openSignedCallerVerifier, problems, type Route } from '@mysmtp/http';
import { answerKeys } from '@mysmtp/keys';
import { createLogger } from '@mysmtp/log';
import {
  everythingStands,
  makeServiceKeys,
  type ServiceKeys,
  type TestBroker,
} from '@mysmtp/test-kit';
import { Registry } from 'prom-client';

/** Identity and privacy as far as ingress knows them: their internal APIs, over HTTP, with real tokens. */
export interface Neighbours {
  readonly identityUrl: string;
  readonly privacyUrl: string;
  /** A key of privacy's; made when it is first asked for. */
  keyOf(tenant: string, id: KeyId): KeyObject;
  /** Changes an entity and tells everybody, as identity does. */
  change(
    broker: TestBroker,
    change: Pick<IdentityChange, 'entity' | 'id' | 'state'>,
  ): Promise<void>;
  /** What they answer from now on. */
  identityAnswers: boolean;
  privacyAnswers: boolean;
  keyState: 'active' | 'fenced' | 'erased';
  /** Keys of days whose roots are destroyed. */
  readonly destroyed: Set<KeyId>;
  /** Their tenants get no keys. */
  readonly fences: Fence[];
  readonly serviceKeys: ServiceKeys;
  fencesAnswer: boolean;
  /** For how long keys live. */
  keyDays: KeyDays;
  close(): Promise<void>;
}

export async function startNeighbours(dir: string, now: () => number): Promise<Neighbours> {
  const serviceKeys = await makeServiceKeys(dir);
  const { jwksFile } = serviceKeys;

  const keys = new Map<string, KeyObject>();
  const keyOf = (tenant: string, id: KeyId): KeyObject => {
    const name = `${tenant} ${id}`;
    const key = keys.get(name) ?? createSecretKey(randomBytes(32));
    keys.set(name, key);
    return key;
  };
  const known = new Map<string, IdentityChange>();

  const serve = async (service: 'identity' | 'privacy', ...routes: Route[]) =>
    openApi({
      service,
      address: '127.0.0.1',
      port: 0,
      internalPort: 0,
      routes,
      tokens: () => undefined,
      callers: await openSignedCallerVerifier(service, jwksFile),
      // What is refused here is refused on purpose.
      log: { ...createLogger(service, 'error'), error: () => undefined },
      metrics: new Registry(),
    });
  const identity = await serve(
    'identity',
    implement(internalApis.snapshot, 'Snapshot', async () => {
      if (!neighbours.identityAnswers) throw problems.unavailable('Not now');
      return { changes: [...known.values()], next: null };
    }),
  );
  const privacy = await serve(
    'privacy',
    implement(
      internalApis.resolveKeys,
      'Keys',
      answerKeys(await serviceKeys.as('privacy'), async ({ tenant, ids = unasked(now()) }) => {
        if (!neighbours.privacyAnswers) throw problems.unavailable('Not now');
        const isFenced = neighbours.fences.some(({ subject }) => subject.tenant === tenant);
        const state = isFenced ? 'fenced' : neighbours.keyState;
        if (state !== 'active') return { state, keys: {}, destroyed: [] };
        const { destroyed } = neighbours;
        const found = ids
          .filter((id) => !destroyed.has(id))
          .map((id) => [id, keyOf(tenant, id).export()]);
        return {
          state,
          keys: Object.fromEntries(found) as Record<KeyId, Buffer>,
          destroyed: ids.filter((id) => destroyed.has(id)),
        };
      }),
    ),
    implement(internalApis.keyDays, 'Days of keys', async () => neighbours.keyDays),
    implement(internalApis.standing, 'Standing', async () => everythingStands),
    implement(internalApis.fences, 'Fences', async () => {
      if (!neighbours.fencesAnswer) throw problems.unavailable('Not now');
      return { fences: neighbours.fences };
    }),
  );

  const neighbours: Neighbours = {
    serviceKeys,
    identityUrl: `http://127.0.0.1:${String(identity.internalPort)}`,
    privacyUrl: `http://127.0.0.1:${String(privacy.internalPort)}`,
    keyOf,
    async change(broker, { entity, id, state }) {
      const version = (known.get(`${entity}:${id}`)?.version ?? 0) + 1;
      const change = { v: 1, entity, id, version, state } as IdentityChange;
      known.set(`${entity}:${id}`, change);
      await serviceKeys.tell(broker, change);
    },
    identityAnswers: true,
    privacyAnswers: true,
    keyState: 'active',
    destroyed: new Set(),
    fences: [],
    fencesAnswer: true,
    keyDays: { mail: 7, events: 8 },
    async close() {
      await Promise.all([identity.close(), privacy.close()]);
    },
  };
  return neighbours;
}

/** What privacy hands out to whoever names no key. */
function unasked(now: number): KeyId[] {
  const days = [now, now + 86_400_000];
  return [
    'index',
    'account',
    ...days.flatMap((at) => [dayKeyId('mail', at), dayKeyId('events', at)]),
  ];
}
