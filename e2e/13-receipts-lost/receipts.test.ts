import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ErasureAnswer, queues, routingKeys, serviceNames } from '@mysmtp/contracts';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newCustomer } from '../kit/customers.ts';
import {
  askErasure,
  certificateKeys,
  erasureReaches,
  expectEveryStoreOnce,
  verifyCertificate,
} from '../kit/erasures.ts';
import { scenarioStack, shortTimes } from '../kit/stack.ts';

const { description } = scenarioStack(() => ({ env: shortTimes() }));
let connection: ChannelModel;
let channel: Channel;
let folder: string;

interface Message {
  readonly key: string;
  readonly content: Buffer;
}

const again = 'test.again';

/** The answers, in order, by their kind and their sender. */
const seen = new Map<string, number>();
const held: Message[] = [];
let forwarded = 0;

/** All answers of services pass through here to privacy. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mysmtp-certificate-'));
  connection = await connect(description().rabbitmq.url);
  channel = await connection.createChannel();
  const { name } = queues.privacyAnswers;
  const between = 'test.answers';
  await channel.assertQueue(between, { exclusive: true });
  await channel.assertExchange(again, 'topic', { autoDelete: true });
  // Privacy gets only answers that are published again, over another exchange and with their original key.
  for (const service of serviceNames) {
    const key = routingKeys.erasureAnswer(service);
    await channel.bindQueue(between, service, key);
    await channel.bindQueue(name, again, key);
    await channel.unbindQueue(name, service, key);
  }
  await channel.consume(
    between,
    (message) => {
      if (message !== null) pass({ key: message.fields.routingKey, content: message.content });
    },
    { noAck: true },
  );
});

afterAll(async () => {
  await connection.close();
  await rm(folder, { recursive: true });
});

function nameOf({ key, content }: Message): string {
  const answer = ErasureAnswer.parse(decodeJwt(content.toString())['payload']);
  const what = answer.kind === 'receipt' ? String(decodeJwt(answer.jws)['store']) : answer.kind;
  return `${answer.erasure} ${key} ${what}`;
}

/** The first of each is lost; the others are forwarded in groups of four, in reverse order, each twice. */
function pass(message: Message): void {
  const name = nameOf(message);
  const before = seen.get(name) ?? 0;
  seen.set(name, before + 1);
  if (before === 0) return;
  held.unshift(message, message);
  // The forwarding must not depend on a later answer.
  if (held.length >= 8) forward();
  else setTimeout(forward, 2_000);
}

function forward(): void {
  for (const { key, content } of held.splice(0)) {
    channel.publish(again, key, content, { persistent: true });
    forwarded += 1;
  }
}

test('receipts lost, duplicated and out of order: each store counts once, and the certificate holds', async () => {
  const domain = `${randomUUID()}.example`;
  const customer = await newCustomer(description(), {
    name: 'Somebody',
    domain,
    owner: `o@${domain}`,
  });
  const asked = await askErasure(description(), customer.id);
  const erasure = await erasureReaches(description(), asked, 'completed_live', 240_000);
  expectEveryStoreOnce(erasure);
  const { code, said } = await verifyCertificate(folder, erasure, certificateKeys(description()));
  expect(code, said).toBe(0);
  // Every answer arrived at least twice, and was forwarded twice. But a repeated purge deletes no rows, and
  // sends no second progress notice.
  const answers = [...seen].filter(([name]) => !name.endsWith(' working'));
  expect(answers.every(([, count]) => count >= 2)).toBe(true);
  expect(forwarded).toBeGreaterThan(2 * erasure.receipts.length - 10);
}, 300_000);
