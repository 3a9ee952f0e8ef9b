import { randomUUID } from 'node:crypto';
import { openBroker, openConsumer } from '@mysmtp/broker';
import {
  hour,
  internalApis,
  minute,
  queues,
  SecurityEvents,
  type ExportedRow,
  type SecurityEvent,
} from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { mongo } from 'mongoose';
import { expect } from 'vitest';
import { answerOrders } from './answer-orders.ts';
import { openWorld, ownerToken } from './running-service.ts';

/** A request as the API shows it. */
interface Shown {
  readonly state: string;
  readonly dueAt: string;
  readonly address: string | null;
  readonly parts: string[];
  readonly notified: { readonly recipient: string; readonly at: string | null }[];
  readonly history: {
    readonly kind: string;
    readonly by: string;
    readonly reason: string | null;
  }[];
}

export const newAddress = (): string => `Jane.${randomUUID()}@example.net`;

/** The code in a mail that asks for confirmation. */
export const codeIn = (text: string): string => /code=([\w-]{22})/.exec(text)?.[1] ?? '';

/**
 * The complete service with the tenants `t1` and `t3`, and requests of persons over its API. The other services have
 * these rows of every person (answer-orders.ts).
 */
export async function openRequestService(
  now: number,
  given: {
    readonly env?: Readonly<Record<string, string>>;
    readonly rows?: readonly ExportedRow[];
  } = {},
) {
  const closing = new AsyncDisposableStack();
  const world = closing.adopt(await openWorld(now, given.env), (open) => open.close());
  world.factorAt = () => world.now;
  // A correction is complete only when the audit chain has it.
  const audited: SecurityEvent[] = [];
  const logging = closing.adopt(
    openBroker({ url: world.broker.url, service: 'logging', log: world.log }),
    (open) => open.close(),
  );
  openConsumer(logging, {
    queue: queues.loggingSecurity,
    prefetch: 10,
    handle: async ({ content }) => {
      audited.push(...SecurityEvents.parse(JSON.parse(content.toString())).events);
      return 'ack';
    },
  });
  await world.broker.untilConsumed(queues.loggingSecurity.name);
  let metrics = await world.start();
  const client = closing.adopt(new mongo.MongoClient(world.databases.privacy), (open) =>
    open.close(),
  );
  const database = client.db();
  const identity = await world.client('identity');
  for (const tenant of ['t1', 't3']) await identity.call(internalApis.activateTenant, { tenant });
  closing.use(await answerOrders(world, given.rows));

  async function ask(method: string, route: string, token?: string, body?: unknown) {
    const answer = await world.request(method, route, token, body);
    const text = await answer.text();
    const parsed = text === '' ? {} : (JSON.parse(text) as object);
    return {
      status: answer.status,
      body: parsed as Record<string, never>,
      headers: answer.headers,
    };
  }

  async function look(id: string, token = ownerToken): Promise<Shown> {
    const { status, body } = await ask('GET', `/v1/requests/${id}`, token);
    expect(status).toBe(200);
    return body as unknown as Shown;
  }

  /** Waits for a mail to this address. The clock goes on meanwhile. */
  const mailTo = (address: string, subject: RegExp): Promise<string> =>
    eventually(() => {
      world.now += 1_000;
      const mail = world.mails.find((one) => one.to === address && subject.test(one.subject));
      if (mail === undefined) throw new Error('No mail yet');
      return mail.text;
    });

  return {
    world,
    database,
    /** The events of the audit chain. */
    audited,
    stored: (collection: string) => database.collection(collection).find().toArray(),
    metrics: () => metrics.metrics(),
    /** Starts the service again, so that its jobs run. */
    async restart(): Promise<void> {
      await world.stop();
      metrics = await world.start();
    },
    ask,
    look,
    mailTo,
    async made(body: object, token = ownerToken): Promise<{ id: string; nonce: string }[]> {
      const answer = await eventually(async () => {
        const tried = await ask('POST', '/v1/requests', token, body);
        expect(tried.status, JSON.stringify(tried.body)).toBe(202);
        return tried;
      });
      return (answer.body as unknown as { requests: { id: string; nonce: string }[] }).requests;
    },
    /**
     * Waits for a state. The clock goes on meanwhile, by the longest pause of the job that advances requests, and by
     * half an hour at most: the mail to sub-processors is due in an hour.
     */
    reaches(id: string, state: string, token = ownerToken): Promise<Shown> {
      const latest = world.now + hour / 2;
      return eventually(async () => {
        world.now = Math.min(world.now + minute, latest);
        const shown = await look(id, token);
        expect(shown.state).toBe(state);
        return shown;
      });
    },
    /** The status of the answer. */
    decide: async (id: string, decision: string, token: string): Promise<number> =>
      (
        await ask('POST', `/v1/requests/${id}/decisions`, token, {
          decision,
          reason: `Why ${decision}`,
        })
      ).status,
    /** Requests by the public page and confirms. */
    async confirmed(kind: string, address: string) {
      const asked = await ask('POST', '/v1/public/requests', undefined, { address, kind });
      expect([asked.status, asked.body]).toEqual([202, { next: 'mail' }]);
      const code = codeIn(await mailTo(address, /Please confirm/));
      const answer = await ask('POST', '/v1/public/requests/confirm', undefined, { code });
      expect(answer.status).toBe(200);
      const opened = answer.body as unknown as { id: string; secret: string; nonce: string };
      return { ...opened, code };
    },
    close: () => closing.disposeAsync(),
  };
}
export type RequestService = Awaited<ReturnType<typeof openRequestService>>;
