import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  OrderPart,
  OrderReceipt,
  orderReceiptType,
  reader,
  routingKeys,
  type OrderAnswer,
  type ServiceName,
  type SuppressionGround,
} from '@mysmtp/contracts';
import { createOrderKeys, openOctets, partBinding, type PersonOfOrder } from '@mysmtp/orders';
import { connect } from 'amqplib';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { TestBroker } from './broker.ts';
import { eventually } from './eventually.ts';
import type { ServiceKeys } from './service-keys.ts';

/** Orders as privacy gives them to one service. Each call resolves after the receipt, which it verifies. */
export interface Orders {
  /** What the service has of a person, by store. */
  gather(person: PersonOfOrder): Promise<Readonly<Record<string, readonly unknown[]>>>;
  /** The id of the order. */
  mark(person: PersonOfOrder, ground: SuppressionGround, exists?: boolean): Promise<string>;
  close(): Promise<void>;
}

const commitment = 'commitment';

export async function followOrders(deps: {
  readonly broker: TestBroker;
  readonly service: ServiceName;
  readonly keys: ServiceKeys;
}): Promise<Orders> {
  const { broker, service, keys: serviceKeys } = deps;
  const privacy = await serviceKeys.as('privacy');
  const published = createLocalJWKSet(
    JSON.parse(await readFile(serviceKeys.jwksFile, 'utf8')) as JSONWebKeySet,
  );
  const connection = await connect(broker.url);
  const channel = await connection.createChannel();
  // Beside the queue of privacy, which may exist too.
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, service, routingKeys.orderAnswer(service));
  const all: OrderAnswer[] = [];
  const take = async (content: Buffer): Promise<void> => {
    const answer = await privacy.verify('orderAnswer', content);
    if ('payload' in answer && answer.by === service) all.push(answer.payload);
  };
  await channel.consume(
    queue,
    (message) => {
      void take(message?.content ?? Buffer.alloc(0));
    },
    { noAck: true },
  );

  /** Repeats until there is a listener. */
  const send = (sign: () => Promise<Buffer>): Promise<void> =>
    eventually(async () =>
      broker.say('privacy', {
        key: routingKeys.order(service),
        content: await sign(),
        mandatory: true,
      }),
    );

  /** Waits for the receipt of an order and all parts that it counts. */
  async function answered(order: string) {
    return eventually(async () => {
      const found = all.find((one) => one.kind === 'receipt' && one.order === order);
      if (found?.kind !== 'receipt') throw new Error('No receipt yet');
      const { payload, protectedHeader } = await compactVerify(found.jws, published);
      const receipt = reader(OrderReceipt).parse(JSON.parse(Buffer.from(payload).toString()));
      const { typ, kid } = protectedHeader;
      if (typ !== orderReceiptType || kid !== service || receipt.commitment !== commitment) {
        throw new Error(`Not a receipt of ${service}`);
      }
      const parts = all.filter(
        (one): one is Extract<OrderAnswer, { kind: 'part' }> =>
          one.kind === 'part' && one.run === receipt.run,
      );
      if (parts.length !== receipt.parts) throw new Error('A part is missing');
      return { receipt, parts };
    });
  }

  return {
    async gather(person) {
      const order = randomUUID();
      const { publicKey, privateKey } = await createOrderKeys();
      const asked = { v: 1, do: 'gather', order, ...person, commitment, publicKey } as const;
      await send(() => privacy.sign('order', asked));
      const { receipt, parts } = await answered(order);
      const gathered = Object.fromEntries(
        receipt.stores.map(({ store }): [string, unknown[]] => [store, []]),
      );
      for (const part of parts) {
        const octets = await openOctets(privateKey, partBinding(part), part);
        const { store, records } = reader(OrderPart).parse(JSON.parse(octets.toString()));
        gathered[store]?.push(...records);
      }
      return gathered;
    },
    async mark(person, ground, exists = true) {
      const order = randomUUID();
      const asked = { v: 1, do: 'mark', order, ...person, commitment, ground, exists } as const;
      await send(() => privacy.sign('order', asked));
      await answered(order);
      return order;
    },
    async close() {
      await connection.close();
    },
  };
}
