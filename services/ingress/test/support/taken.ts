import { openBroker, openConsumer } from '@mysmtp/broker';
import {
  dayKeyId,
  MailBatchHeaders,
  MailHeaders,
  MessageEvents,
  queues,
  timeOfMessageId,
  type MessageEvent,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { unpackBatch, unpackMail, type Mail } from '@mysmtp/mail';
import { open } from '@mysmtp/seal';
import { eventually, type TestBroker } from '@mysmtp/test-kit';
import type { Neighbours } from '@mysmtp/test-kit/neighbours';

/** A message that was consumed from the broker, opened. */
export interface Taken extends Mail {
  readonly id: string;
  readonly headers: MailHeaders;
}

interface World {
  readonly broker: TestBroker;
  readonly neighbours: Neighbours;
  readonly log: Logger;
}

/** Consumes mail and events, as delivery and logging do. */
export function consumeAll(
  { broker, neighbours, log }: World,
  into: { readonly taken: Taken[]; readonly events: MessageEvent[] },
): { isUp(): boolean; close(): Promise<void> } {
  function opened(headers: MailHeaders, content: Buffer): Taken {
    const { id, tenant } = headers;
    const key = neighbours.keyOf(tenant, dayKeyId('mail', timeOfMessageId(id)));
    return { id, headers, ...unpackMail(open(key, { tenant, record: `mail:${id}` }, content)) };
  }

  const connections = openBroker({ url: broker.url, service: 'delivery', log });
  const consumers = [
    openConsumer(connections, {
      prefetch: 100,
      queue: queues.deliveryMail,
      async handle({ headers, content }) {
        const isBatch = MailBatchHeaders.safeParse(headers).success;
        for (const one of isBatch ? unpackBatch(content) : [{ headers, content }])
          into.taken.push(opened(MailHeaders.parse(one.headers), one.content));
        return 'ack';
      },
    }),
    openConsumer(connections, {
      prefetch: 100,
      queue: queues.loggingMessages,
      async handle({ content }) {
        into.events.push(...MessageEvents.parse(JSON.parse(content.toString())).events);
        return 'ack';
      },
    }),
  ];
  return {
    isUp: () => consumers.every((consumer) => consumer.isUp()),
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.close()));
      await connections.close();
    },
  };
}

/** The consumed message of a 250. */
export function takenFor(
  { taken }: { readonly taken: readonly Taken[] },
  reply: { readonly code: number; readonly text: string },
): Promise<Taken> {
  const id = /^250 2\.0\.0 Ok: queued as ([\da-f-]{36})$/.exec(reply.text)?.[1];
  if (id === undefined) throw new Error(reply.text);
  return eventually(() => {
    const found = taken.find((mail) => mail.id === id);
    if (found === undefined) throw new Error('The message has not arrived yet');
    return found;
  });
}

export const headerOf = (taken: Taken): string =>
  taken.message?.toString().split('\r\n\r\n')[0] ?? '';
