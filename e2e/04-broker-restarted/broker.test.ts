import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { auditWhenQuiet } from '../kit/audit.ts';
import { startLoad, type Sent } from '../kit/load.ts';
import { scenarioStack } from '../kit/stack.ts';

const { current, description } = scenarioStack(() => ({ ownServers: true }));
/** Of all tests, because they share a Maildir. */
const everything: Sent[] = [];

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a broker that ends with %s loses nothing, and clients get no 250 while it is down',
  async (signal) => {
    const before = startLoad(description(), { sessions: 10 });
    await before.accepts(200);
    const broker = current().process('rabbitmq');
    const pid = broker.pid();
    broker.kill(signal);
    while (broker.pid() === pid) await sleep(20);
    // From its end until it answers again no message can become durable. Sessions with a message in progress
    // wait for its answer; new ones get a refusal.
    const from = Date.now();
    const meantime = startLoad(description(), { sessions: 3 });
    await broker.ready();
    const until = Date.now();
    await before.accepts(200);
    const sent = [...(await before.stop()), ...(await meantime.stop())];
    const again = sent
      .filter(({ at, answer }) => at > until && answer.code === 250)
      .map(({ at }) => at);
    everything.push(...sent);

    const meanwhile = sent.filter(({ at }) => at > from + 200 && at < until - 1_000);
    expect(meanwhile.filter(({ answer }) => answer.code === 250)).toEqual([]);
    expect(meanwhile.some(({ answer }) => answer.code >= 400 && answer.code < 500)).toBe(true);
    expect(sent.filter(({ answer }) => answer.code >= 500)).toEqual([]);
    const result = await auditWhenQuiet(everything, description().mx.maildir, 120_000);
    // If the broker redelivers a message, or ingress publishes it again, delivery recognises it by its id.
    expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0, duplicates: 0 });
    process.stderr.write(
      `${signal}: ${String(result.accepted)} accepted, again ${String(Math.min(...again) - until)} ms after the broker answered\n`,
    );
  },
);
