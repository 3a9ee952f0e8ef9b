import { setTimeout as sleep } from 'node:timers/promises';
import { newMessageId, queues, routingKeys, type SecurityEvent } from '@mysmtp/contracts';
import { startStack, type StackDescription } from '@mysmtp/local-stack';
import { connect, type ConfirmChannel } from 'amqplib';
import { interrupted } from '../interrupt.ts';
import { cpuOf } from '../processes.ts';

/** Of one broker message: a service gathers for 200 ms, so at a million a day there are few. */
const perMessage = 3;
/** Messages at a time. */
const window = 50;
const aDay = { events: 1_000_000, seconds: 86_400 } as const;

const eventOf = (tenant: string): SecurityEvent => ({
  id: newMessageId(Date.now()),
  at: Date.now(),
  type: 'auth',
  tenant,
  actor: { kind: 'credential', id: newMessageId(Date.now()) },
  object: null,
  operation: null,
  outcome: 'ok',
  reason: null,
  ticket: null,
  networkKey: 'k'.repeat(22),
  network: 'A'.repeat(80),
  client: 'A'.repeat(80),
});

/** CPU time of each part while this many events are chained, and what it means at a million a day. */
export async function benchAudit(
  dir: string,
  count: number,
  say: (line: string) => void,
): Promise<string> {
  const stack = await startStack({ dir, progress: say, signal: interrupted });
  try {
    const description = stack.description();
    const parts = ['logging', 'mongodb', 'rabbitmq'];
    const cpu = () => parts.map((part) => cpuOf(description.pids[part] ?? []));
    await sleep(5_000, undefined, { signal: interrupted });
    const before = cpu();
    const started = performance.now();
    await publishEvents(description, count);
    const seconds = (performance.now() - started) / 1_000;
    const used = cpu().map((now, index) => now - (before[index] ?? 0));
    const lines = parts.map((part, index) => {
      const microseconds = (used[index] ?? 0) / count;
      const share = (microseconds * aDay.events) / (aDay.seconds * 1e6);
      return `${part.padEnd(10)} ${microseconds.toFixed(0).padStart(6)} µs an entry, ${(share * 100).toFixed(2)} % of a core at a million a day`;
    });
    return [`${String(count)} entries in ${seconds.toFixed(1)} s`, ...lines].join('\n');
  } finally {
    await stack.stop();
  }
}

/** As ingress publishes them. Resolves when logging has chained all. */
async function publishEvents(description: StackDescription, count: number): Promise<void> {
  const connection = await connect(description.rabbitmq.url);
  try {
    const channel = await connection.createConfirmChannel();
    const queue = queues.loggingSecurity.name;
    for (let made = 0; made < count; made += window * perMessage) {
      interrupted.throwIfAborted();
      await Promise.all(
        Array.from({ length: window }, () => publish(channel, description.tenant.id)),
      );
      // No faster than the consumer, because the broker is not measured here.
      while ((await channel.checkQueue(queue)).messageCount > window) await sleep(20);
    }
    while ((await channel.checkQueue(queue)).messageCount > 0) await sleep(50);
  } finally {
    await connection.close();
  }
}

function publish(channel: ConfirmChannel, tenant: string): Promise<void> {
  const events = Array.from({ length: perMessage }, () => eventOf(tenant));
  const content = Buffer.from(JSON.stringify({ v: 1, events }));
  return new Promise((resolve, reject) => {
    channel.publish(
      'ingress',
      routingKeys.securityEvents('ingress'),
      content,
      { persistent: true },
      (error: unknown) => (error === null ? resolve() : reject(error)),
    );
  });
}
