import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PublishError, type Outcome, type Publisher } from '@mysmtp/broker';
import {
  contentOf,
  OrderPart,
  orderReceiptType,
  OrderReceipt,
  routingKeys,
  storesOfOrder,
  type AskedOrder,
  type Order,
  type OrderAnswer,
  type OrderOf,
} from '@mysmtp/contracts';
import { retry } from '@mysmtp/retry';
import type { ServiceContext } from '@mysmtp/service';
import type { Signed } from '@mysmtp/signed';
import { CompactSign, importJWK, type JWK } from 'jose';
import { partBinding, partsOf } from './parts.ts';
import { sealOctets } from './sealed-octets.ts';
import { checkStores, type PersonStores } from './stores.ts';

/** Reads privacy's ledger. Rejects if privacy does not answer. */
export type AskOrderStanding = (
  asked: AskedOrder,
) => Promise<{ readonly known: boolean; readonly wanted: boolean }>;

export interface OrdersDeps {
  readonly stores: PersonStores;
  readonly signed: Signed;
  readonly publisher: Publisher;
  readonly standing: AskOrderStanding;
}

const delays = { first: 200, longest: 10_000 } as const;

/** The handler of the orders of privacy. */
export async function openOrders(
  context: ServiceContext<{ readonly serviceKeyFile: string }>,
  { stores, signed, publisher, standing }: OrdersDeps,
): Promise<(content: Buffer) => Promise<Outcome>> {
  const { name: service, clock, log, config } = context;
  checkStores(service, stores);
  const key = await importJWK(
    JSON.parse(await readFile(config.serviceKeyFile, 'utf8')) as JWK,
    'EdDSA',
  );

  async function answer(content: OrderAnswer): Promise<void> {
    const signedContent = await signed.sign('orderAnswer', content);
    const publication = { key: routingKeys.orderAnswer(service), mandatory: true };
    await retry(() => publisher.publish({ ...publication, content: signedContent }), {
      ...delays,
      signal: context.stopping,
      shouldRetry: (error) => error instanceof PublishError,
      onRetry: (error) => log.warn('order.answer_failed', { erasure: content.order, error }),
    });
  }

  async function giveReceipt(
    { order, do: what, commitment }: Order,
    given: Pick<OrderReceipt, 'stores' | 'run' | 'parts'>,
  ): Promise<void> {
    const at = new Date(clock.now()).toISOString();
    const receipt: OrderReceipt = { order, do: what, commitment, service, ...given, at };
    const jws = await new CompactSign(contentOf(OrderReceipt, receipt))
      .setProtectedHeader({ alg: 'EdDSA', typ: orderReceiptType, kid: service })
      .sign(key);
    await answer({ v: 1, kind: 'receipt', order, service, jws });
    log.info('order.executed', { erasure: order, status: what });
  }

  async function gather(command: OrderOf<'gather'>): Promise<void> {
    const { order, tenant, person, publicKey, account } = command;
    const of = { tenant, person, ...(account !== undefined && { account }) };
    const run = randomUUID();
    const counted: OrderReceipt['stores'] = [];
    let number = 0;
    for (const [store, from] of Object.entries(stores.gather)) {
      let count = 0;
      for await (const part of partsOf(store, from(of))) {
        count += part.records.length;
        if (publicKey === undefined) continue;
        const binding = partBinding({ order, service, run, number });
        const sealed = await sealOctets(publicKey, binding, contentOf(OrderPart, part));
        await answer({ v: 1, kind: 'part', order, service, run, number, ...sealed });
        number += 1;
      }
      counted.push({ store, count });
    }
    await giveReceipt(command, { stores: counted, run, parts: number });
  }

  async function mark(command: OrderOf<'mark'>): Promise<void> {
    const marked: OrderReceipt['stores'] = [];
    for (const store of storesOfOrder(command)[service] ?? []) {
      await stores.mark[store]?.(command);
      marked.push({ store, count: 1 });
    }
    await giveReceipt(command, { stores: marked, run: randomUUID(), parts: 0 });
  }

  async function execute(command: Order): Promise<Outcome> {
    const { order, do: what, tenant, person } = command;
    const { known, wanted } = await standing({ order, do: what, tenant, person });
    if (!known) {
      signed.refuse('order', 'no_request');
      return 'dead';
    }
    // Privacy has every answer already, or the tenant is being erased.
    if (wanted) await (command.do === 'gather' ? gather(command) : mark(command));
    return 'ack';
  }

  /** An order that privacy sends again while it is executed. */
  const underWay = new Set<string>();

  return async (content) => {
    const verified = await signed.verify('order', content);
    if ('refused' in verified) return 'dead';
    const command = verified.payload;
    if (underWay.has(command.order)) return 'ack';
    underWay.add(command.order);
    return retry(() => execute(command), {
      ...delays,
      signal: context.stopping,
      onRetry: (error) => log.error('order.failed', { erasure: command.order, error }),
    })
      .catch((): Outcome => 'retry')
      .finally(() => underWay.delete(command.order));
  };
}
