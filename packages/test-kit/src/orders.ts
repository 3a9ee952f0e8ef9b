import { randomUUID } from 'node:crypto';
import {
  OrderPart,
  OrderReceipt,
  orderReceiptType,
  reader,
  routingKeys,
  type OrderAnswer,
  type PayloadOf,
  type SuppressionGround,
} from '@mysmtp/contracts';
import { createOrderKeys, openOctets, partBinding, type PersonOfOrder } from '@mysmtp/orders';
import { actAsPrivacy, commitment, type OneService } from './act-as-privacy.ts';
import { eventually } from './eventually.ts';

/** Orders as privacy gives them to one service. Each call resolves after the receipt, which it verifies. */
export interface Orders {
  /** What the service has of a person, by store. */
  gather(person: PersonOfOrder): Promise<Readonly<Record<string, readonly unknown[]>>>;
  /** The id of the order. */
  mark(person: PersonOfOrder, ground: SuppressionGround, exists?: boolean): Promise<string>;
  close(): Promise<void>;
}

export async function followOrders(deps: OneService): Promise<Orders> {
  const { service } = deps;
  const privacy = await actAsPrivacy(deps, 'orderAnswer', routingKeys.orderAnswer(service));

  const send = (order: PayloadOf<'order'>): Promise<void> =>
    privacy.send(routingKeys.order(service), () => privacy.sign('order', order));

  /** Waits for the receipt of an order and all parts that it counts. */
  async function answered(order: string) {
    return eventually(async () => {
      const found = privacy.answers.find((one) => one.kind === 'receipt' && one.order === order);
      if (found?.kind !== 'receipt') throw new Error('No receipt yet');
      const receipt = reader(OrderReceipt).parse(
        await privacy.receipt(found.jws, orderReceiptType),
      );
      if (receipt.commitment !== commitment) throw new Error('A receipt of another person');
      const parts = privacy.answers.filter(
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
      await send(asked);
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
      await send(asked);
      await answered(order);
      return order;
    },
    close: privacy.close,
  };
}
