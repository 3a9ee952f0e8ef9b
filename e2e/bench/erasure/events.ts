import { createHash, randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { finalRevision, newMessageId, routingKeys, type MessageEvent } from '@mysmtp/contracts';
import type { StackDescription } from '@mysmtp/local-stack';
import { connect } from 'amqplib';
import { interrupted } from '../interrupt.ts';

const perMessage = 200;
/** Unconfirmed broker messages at a time: about half a second of logging's work. */
const window = 40;
const day = 86_400_000;

/** Octets with the form of a row of the usage log; they are never opened here. */
const sealed = (octets: number): string => randomBytes(octets).toString('base64');

/** A customer sends from a few addresses, to many, repeatedly. */
const addresses = { senders: 20, recipients: 100_000 } as const;

/** In the form of a blind index. */
const indexOf = (tenant: string, role: string, n: number): string =>
  createHash('sha256')
    .update(`${tenant} ${role} ${String(n)}`)
    .digest('base64url');

/** `persons`: the blind indexes of some of the recipients. */
function eventOf(tenant: string, at: number, persons: readonly string[]): MessageEvent {
  const recipient = randomInt(addresses.recipients);
  return {
    id: newMessageId(at),
    n: 0,
    tenant,
    rev: finalRevision,
    status: 'delivered',
    acceptedAt: at,
    nextAttemptAt: null,
    senderIndex: indexOf(tenant, 'sender', randomInt(addresses.senders)),
    recipientIndex: persons[recipient] ?? indexOf(tenant, 'recipient', recipient),
    details: sealed(180),
    attempts: [sealed(220)],
  };
}

/**
 * Writes this many delivered messages of each of these tenants to the usage log, in turn, spread over the
 * last five days: through the broker, as delivery does. Resolves when logging has written all.
 */
export async function fillUsageLog(
  description: StackDescription,
  tenants: readonly string[],
  each: number,
  progress: (line: string) => void,
  /** The blind indexes of some recipients of the first tenant. */
  persons: readonly string[],
): Promise<void> {
  const connection = await connect(description.rabbitmq.url);
  try {
    const channel = await connection.createConfirmChannel();
    const total = each * tenants.length;
    const start = Date.now() - 5 * day;
    let underWay: Promise<void>[] = [];
    for (let made = 0; made < total;) {
      interrupted.throwIfAborted();
      const events: MessageEvent[] = [];
      for (; events.length < perMessage && made < total; made += 1) {
        const at = Math.floor(start + (5 * day * made) / total);
        const tenant = tenants[made % tenants.length] ?? '';
        events.push(eventOf(tenant, at, tenant === tenants[0] ? persons : []));
      }
      const content = Buffer.from(JSON.stringify({ v: 1, events }));
      underWay.push(
        new Promise((resolve, reject) => {
          channel.publish(
            'delivery',
            routingKeys.messageFinished,
            content,
            { persistent: true },
            (error: unknown) => (error === null ? resolve() : reject(error)),
          );
        }),
      );
      if (underWay.length >= window) {
        await Promise.all(underWay);
        underWay = [];
        // No faster than the consumer, because the broker is not measured here.
        while ((await channel.checkQueue('logging.messages')).messageCount > window)
          await sleep(50);
      }
      if (made % 100_000 < perMessage) progress(`${String(made)} of ${String(total)} events`);
    }
    await Promise.all(underWay);
    while ((await channel.checkQueue('logging.messages')).messageCount > 0) await sleep(200);
  } finally {
    await connection.close();
  }
  // Logging writes consumed events within a moment.
  await sleep(3_000);
}
