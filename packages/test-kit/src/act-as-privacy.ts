import { readFile } from 'node:fs/promises';
import type { PayloadOf, ServiceName } from '@mysmtp/contracts';
import { connect } from 'amqplib';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { TestBroker } from './broker.ts';
import { eventually } from './eventually.ts';
import type { ServiceKeys } from './service-keys.ts';

/** The commitment in all commands and receipts of tests. */
export const commitment = 'commitment';

export interface OneService {
  readonly broker: TestBroker;
  readonly service: ServiceName;
  readonly keys: ServiceKeys;
}

/** Privacy in its messages with one service: its answers of one kind, and commands to it. */
export async function actAsPrivacy<Kind extends 'answer' | 'orderAnswer'>(
  { broker, service, keys }: OneService,
  kind: Kind,
  answersKey: string,
) {
  const privacy = await keys.as('privacy');
  const published = createLocalJWKSet(
    JSON.parse(await readFile(keys.jwksFile, 'utf8')) as JSONWebKeySet,
  );
  const connection = await connect(broker.url);
  const channel = await connection.createChannel();
  // Beside the queue of privacy, which may exist too.
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, service, answersKey);
  const answers: PayloadOf<Kind>[] = [];
  const take = async (content: Buffer): Promise<void> => {
    const answer = await privacy.verify(kind, content);
    if ('payload' in answer && answer.by === service) answers.push(answer.payload);
  };
  // One after the other: two verifications at once may end in the other order.
  let taken = Promise.resolve();
  await channel.consume(
    queue,
    (message) => {
      taken = taken.then(() => take(message?.content ?? Buffer.alloc(0)));
    },
    { noAck: true },
  );

  return {
    /** The verified answers so far. */
    answers,
    sign: privacy.sign,
    /** Repeats until there is a listener. */
    send: (key: string, sign: () => Promise<Buffer>): Promise<void> =>
      eventually(async () =>
        broker.say('privacy', { key, content: await sign(), mandatory: true }),
      ),
    /** The content of a receipt that this service has signed. */
    async receipt(jws: string, type: string): Promise<unknown> {
      const { payload, protectedHeader } = await compactVerify(jws, published);
      if (protectedHeader.typ !== type || protectedHeader.kid !== service) {
        throw new Error(`Not a receipt of ${service}`);
      }
      return JSON.parse(Buffer.from(payload).toString());
    },
    close: () => connection.close(),
  };
}
