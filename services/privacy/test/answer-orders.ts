import { openBroker, openConsumer, openPublisher } from '@mysmtp/broker';
import {
  erasureQueues,
  gatheredStores,
  internalApis,
  markedStores,
  type ExportedRow,
  type Order,
} from '@mysmtp/contracts';
import { openOrders } from '@mysmtp/orders';
import type { ServiceContext } from '@mysmtp/service';
import { decodeJwt } from 'jose';
import { otherServices } from './other-services.ts';
import type { World } from './running-service.ts';

/**
 * The other four services: logging has these rows of every person in the data of every tenant. Without rows, orders
 * that only count or mark have an answer, and others have none.
 */
export async function answerOrders(
  world: World,
  rows?: readonly ExportedRow[],
): Promise<AsyncDisposable> {
  const closing = new AsyncDisposableStack();
  const stopping = new AbortController();
  closing.defer(() => stopping.abort());
  for (const name of otherServices) {
    const privacy = await world.client(name);
    const broker = closing.adopt(
      openBroker({ url: world.broker.url, service: name, log: world.log }),
      (open) => open.close(),
    );
    const publisher = closing.adopt(openPublisher(broker), (open) => open.close());
    const marks = Object.values(markedStores).flatMap(
      (of: Partial<Record<string, readonly string[]>>) => of[name] ?? [],
    );
    const handle = await openOrders(
      {
        name,
        clock: { now: () => world.now },
        log: world.log,
        config: { serviceKeyFile: world.keys.keyFile(name) },
        stopping: stopping.signal,
      } as unknown as ServiceContext<{ serviceKeyFile: string }>,
      {
        signed: await world.keys.as(name, world.log),
        publisher,
        standing: (asked) => privacy.call(internalApis.orderStanding, asked),
        stores: {
          gather: Object.fromEntries(
            gatheredStores[name].map((store) => [
              store,
              async function* () {
                yield store === 'logging.messages' ? (rows ?? [{}]) : [];
              },
            ]),
          ),
          mark: Object.fromEntries(marks.map((store) => [store, async () => undefined])),
        },
      },
    );
    const consumer = openConsumer(broker, {
      queue: erasureQueues[name],
      prefetch: 10,
      handle: async ({ content }) =>
        rows !== undefined || isAnswered(content) ? handle(content) : 'ack',
    });
    closing.adopt(consumer, (open) => open.close());
    await world.broker.untilConsumed(erasureQueues[name].name);
  }
  return closing;
}

function isAnswered(content: Buffer): boolean {
  const { payload } = decodeJwt<{ payload: Partial<Order> }>(content.toString());
  return payload.do === 'mark' || !('publicKey' in payload);
}
