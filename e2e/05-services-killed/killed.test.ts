import { setTimeout as sleep } from 'node:timers/promises';
import { createChainVerifier, type ChainEntry } from '@mysmtp/audit';
import { newMessageId, routingKeys, type SecurityEvent } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { connect } from 'amqplib';
import { expect, test } from 'vitest';
import { audit, auditWhenQuiet } from '../kit/audit.ts';
import { startLoad, type LoadOptions, type Sent } from '../kit/load.ts';
import { readMaildir } from '../kit/maildir.ts';
import { scenarioStack } from '../kit/stack.ts';

/** A message that is hit by two kills waits for the pause after a crash: less than its default of 15 s. */
const { current, description } = scenarioStack(() => ({
  env: { delivery: { CRASH_PAUSE: '3s' } },
}));
const rounds = 3;
/** Of all tests, because they share a Maildir. */
const everything: Sent[] = [];

/**
 * A message that is delivered but not yet settled with the broker is delivered again. This is the longest
 * time between both before a kill.
 */
const unsettled = 1_000;
/** A message in transit at the kill may arrive a moment later. */
const onTheWire = 500;

/** Kills a service repeatedly under load, and returns the results of the mail. */
async function killUnderLoad(name: 'ingress' | 'delivery', options: LoadOptions): Promise<string> {
  const service = current().process(name);
  const load = startLoad(description(), { sessions: 10, ...options });
  const deaths: number[] = [];
  let slowest = 0;
  for (let round = 0; round < rounds; round += 1) {
    await load.accepts(200);
    const before = service.pid();
    const died = Date.now();
    service.kill('SIGKILL');
    deaths.push(died);
    while (service.pid() === before) await sleep(20);
    await service.ready();
    slowest = Math.max(slowest, Date.now() - died);
  }
  await load.accepts(200);
  const sent = await load.stop();
  everything.push(...sent);

  const { maildir } = description().mx;
  const result = await auditWhenQuiet(everything, maildir, 150_000);
  expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0 });
  expect(slowest).toBeLessThan(30_000);
  const isExplained = (at: number): boolean =>
    deaths.some((died) => at > died - unsettled && at < died + onTheWire);
  const ids = new Set(sent.map(({ id }) => id));
  const arrived = (await readMaildir(maildir)).filter(({ id = '' }) => ids.has(id));
  const { accepted, duplicates, doubledAt, longestWait } = audit(sent, arrived);
  expect(doubledAt.filter((at) => !isExplained(at))).toEqual([]);
  // Delivery sends a message of an aborted submission once or not at all.
  if (name === 'ingress') expect(duplicates).toBe(0);
  return (
    `${String(accepted)} accepted, ${String(duplicates)} duplicates of ${String(rounds)} kills, ` +
    `back after ${String(slowest)} ms at most, ` +
    `a message waited ${String(Math.round(longestWait))} ms at most`
  );
}

test.each(['ingress', 'delivery'] as const)('%s is killed and nothing is lost', async (name) => {
  process.stderr.write(`${name}: ${await killUnderLoad(name, {})}\n`);
});

test('one of two processes of delivery is killed and nothing is lost', async () => {
  await current().another('delivery');
  // About a hundred messages a second.
  process.stderr.write(`one of two: ${await killUnderLoad('delivery', { pause: 90 })}\n`);
});

test('logging is killed while it chains security events: none is lost, none is there twice, the chain is valid', async () => {
  const { rabbitmq, tenant, operator, api } = description();
  const service = current().process('logging');
  const connection = await connect(rabbitmq.url);
  const channel = await connection.createConfirmChannel();
  const sent: string[] = [];
  let underWay: Promise<unknown>[] = [];
  const publish = () => {
    const id = newMessageId(Date.now());
    sent.push(id);
    const event: SecurityEvent = {
      id,
      at: Date.now(),
      type: 'act',
      tenant: tenant.id,
      actor: { kind: 'service', id: 'ingress' },
      object: id,
      operation: 'test',
      outcome: 'ok',
      reason: null,
      ticket: null,
      networkKey: null,
      network: null,
      client: null,
    };
    const content = Buffer.from(JSON.stringify({ v: 1, events: [event] }));
    underWay.push(
      new Promise<void>((resolve, reject) => {
        const key = routingKeys.securityEvents('ingress');
        channel.publish('ingress', key, content, { persistent: true }, (error: unknown) =>
          error === null ? resolve() : reject(error),
        );
      }),
    );
  };
  for (let round = 0; round < 20; round += 1) {
    for (let n = 0; n < 20; n += 1) publish();
    await Promise.all(underWay);
    underWay = [];
    if (round === 10) service.kill('SIGKILL');
    await sleep(20);
  }
  await connection.close();
  await service.ready();

  const objectsOf = async () => {
    const url = `${api.logging}/v1/audit/entries?type=act&limit=1000`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${tenant.ownerToken}` } });
    const { entries } = (await answer.json()) as { entries: { payload: string | null }[] };
    return entries.flatMap(({ payload }) => {
      const { operation, object } = JSON.parse(payload ?? '{}') as Record<string, string>;
      return operation === 'test' ? object : [];
    });
  };
  await eventually(async () => expect((await objectsOf()).length).toBe(sent.length));
  expect(new Set(await objectsOf())).toEqual(new Set(sent));

  const verifier = createChainVerifier();
  const url = `${api.logging}/v1/audit/entries?limit=1000`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${operator.token}` } });
  const { entries } = (await answer.json()) as { entries: ChainEntry[] };
  for (const entry of entries) verifier.add(entry, { state: 'hidden' });
  expect(verifier.finish()).toEqual([]);
  expect(entries.length).toBeGreaterThanOrEqual(sent.length);
});
