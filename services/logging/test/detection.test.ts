import { randomUUID } from 'node:crypto';
import { contentOf, hour, newMessageId, routingKeys, SecurityEvents } from '@mysmtp/contracts';
import type { SecurityEvent } from '@mysmtp/contracts';
import * as scheduler from '@mysmtp/service';
import type { ServiceContext } from '@mysmtp/service';
import { eventually, watchPacedJobs, type PacedJobs } from '@mysmtp/test-kit';
import { mongo } from 'mongoose';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoggingConfig } from '../src/config.ts';
import { openResources } from '../src/resources.ts';
import { startService } from './service.ts';

const tenant = randomUUID();
const other = randomUUID();

let resources: AsyncDisposableStack;
let jobs: PacedJobs;
let service: Awaited<ReturnType<typeof startService>>;
let restart: () => Promise<void>;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  jobs = resources.use(watchPacedJobs(scheduler));
  let running = new AsyncDisposableStack();
  let context: ServiceContext<LoggingConfig> | undefined;
  const open = (given: ServiceContext<LoggingConfig>) =>
    openResources({
      ...given,
      metrics: new Registry(),
      manage: (resource, close) => running.adopt(resource, async (owned) => close(owned)),
    });
  service = await startService([tenant, other], async (given) => {
    context = given;
    await open(given);
  });
  resources.defer(service.close);
  resources.defer(() => running.disposeAsync());
  restart = async () => {
    await running.disposeAsync();
    running = new AsyncDisposableStack();
    if (context !== undefined) await open(context);
  };
});
afterEach(() => resources.disposeAsync());

const publish = (events: readonly SecurityEvent[]) =>
  service.broker.say('ingress', {
    key: routingKeys.securityEvents('ingress'),
    content: contentOf(SecurityEvents, { v: 1, events: [...events] }),
    mandatory: true,
  });

const authentication = (outcome: 'ok' | 'refused', more: Partial<SecurityEvent> = {}) => {
  const at = service.clock.now();
  return {
    id: newMessageId(at),
    at,
    type: 'auth',
    tenant,
    actor: { kind: 'credential', id: 'shop' },
    object: null,
    operation: null,
    outcome,
    reason: null,
    ticket: null,
    networkKey: 'home',
    network: null,
    client: null,
    ...more,
  } satisfies SecurityEvent;
};

const wrong = (count: number) => Array.from({ length: count }, () => authentication('refused'));

const findings = async (of = tenant) => {
  const { status, body } = await service.call(of, '/v1/findings');
  expect(status).toBe(200);
  return (body as unknown as { findings: { rule: string; event: string }[] }).findings;
};

async function stored() {
  const client = new mongo.MongoClient(service.databaseUrl);
  try {
    return await client.db().collection('findings').find().toArray();
  } finally {
    await client.close();
  }
}

test('what was seen before a restart counts after it, and nothing is found twice', async () => {
  await publish(wrong(6));
  await restart();
  await publish(wrong(4));
  const success = authentication('ok');
  // The finding wakes the job that tells the owner.
  await jobs.whileIdle('tell-findings', async () => {
    await publish([success]);
    await eventually(async () =>
      expect(await findings()).toMatchObject([
        { rule: 'guessed-secret', event: success.id, subject: 'shop', severity: 'high', count: 10 },
      ]),
    );
    expect(await findings(other)).toEqual([]);
    await eventually(async () =>
      expect(service.neighbours.findings).toMatchObject([{ tenant, rule: 'guessed-secret' }]),
    );
  });
  // Seen again, as after a crash before the acknowledgement.
  await restart();
  await publish([success, authentication('ok', { type: 'role_changed', reason: 'raised' })]);
  await eventually(async () =>
    expect((await findings()).map(({ rule }) => rule)).toEqual(['role-raised', 'guessed-secret']),
  );
});

test('the owner is told when identity is back', async () => {
  service.neighbours.away.add('identity');
  await publish([...wrong(10), authentication('ok')]);
  await eventually(async () => expect(await findings()).toHaveLength(1));
  expect(await stored()).toMatchObject([{ untold: true }]);
  service.neighbours.away.delete('identity');
  await eventually(() => expect(service.neighbours.findings).toHaveLength(1));
  await eventually(async () => expect((await stored())[0]).not.toHaveProperty('untold'));
});

test('an hour later the same attack is found again', async () => {
  for (let round = 0; round < 2; round += 1) {
    await publish(
      Array.from({ length: 10 }, (_, n) =>
        authentication('refused', { actor: { kind: 'credential', id: `c-${String(n)}` } }),
      ),
    );
    await eventually(async () => expect(await findings()).toHaveLength(round + 1));
    service.clock.ahead += hour;
  }
});
