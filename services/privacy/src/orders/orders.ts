import { PublishError, type Publisher } from '@mysmtp/broker';
import {
  minute,
  OrderPart,
  reader,
  routingKeys,
  storesOfOrder,
  type AskedOrder,
  type Order,
  type OrderAnswer,
  type PublishedKeySet,
  type ServiceName,
  type SuppressionGround,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { createOrderKeys, openOctets, partBinding } from '@mysmtp/orders';
import { isDuplicateKey, type Clock } from '@mysmtp/service';
import type { Signed } from '@mysmtp/signed';
import type { BareScope, Tenants } from '@mysmtp/tenancy';
import { publishInTime } from '../publish-in-time.ts';
import type { Sealing } from '../tenants/sealing.ts';
import type { OrderAnswered, OrderDocument, OrderModels } from './model.ts';
import { openOrderReceipt } from './receipts.ts';

/** A request for which services are ordered to do something. `id` is that of the request. */
export type NewOrder = {
  readonly id: string;
  readonly kind: string;
  readonly tenant: string;
  readonly person: string;
  readonly commitment: string;
} &
  /** `counting`: only how many records each store has. */
  (
    | { readonly do: 'gather'; readonly counting?: boolean; readonly account?: string | null }
    | { readonly do: 'mark'; readonly ground: SuppressionGround; readonly exists: boolean }
  );

/** Orders to the services, and their answers. */
export interface Orders {
  /** Enters an order and sends it at once. A repeated call returns the order as it is now. */
  give(order: NewOrder): Promise<OrderDocument>;
  find(id: string): Promise<OrderDocument | undefined>;
  /** The services whose answer is missing, not proven, or not complete. Empty: all have answered. */
  missing(order: OrderDocument): Promise<ServiceName[]>;
  /** Sends an open order again to those whose answer is missing, with back-off. */
  resend(order: OrderDocument): Promise<void>;
  /** The gathered data in clear. Call it if nothing is missing. */
  open(order: OrderDocument): Promise<OrderPart[]>;
  /** All have answered, and what they gathered is not needed any more. */
  complete(order: OrderDocument): Promise<void>;
  take(answer: OrderAnswer): Promise<void>;
  standing(asked: AskedOrder): Promise<{ known: boolean; wanted: boolean }>;
}

/** Pause after the services were asked `asked` times: an answer needs a moment. */
const pauseAfter = (asked: number): number =>
  Math.min(3_000 * 2 ** Math.max(0, asked - 1), 10 * minute);

const keyRecord = (id: string) => `orders:${id}:key`;

export function createOrders(deps: {
  readonly models: OrderModels;
  readonly access: Pick<Tenants<BareScope>, 'run'>;
  readonly sealing: Sealing;
  readonly signed: Signed;
  readonly publisher: Publisher;
  readonly published: PublishedKeySet;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called for each new order. */
  readonly entered?: () => void;
}): Orders {
  const { access, sealing, signed, publisher, published, clock, log, entered } = deps;
  const { orders, parts } = deps.models;

  async function enter(order: NewOrder): Promise<OrderDocument> {
    const { id: _id, kind, do: what, tenant, person, commitment } = order;
    const keys = what === 'gather' && order.counting !== true ? await createOrderKeys() : undefined;
    const entry: OrderDocument = {
      _id,
      kind,
      do: what,
      tenant,
      person,
      commitment,
      account: what === 'gather' ? (order.account ?? null) : null,
      ground: what === 'mark' ? order.ground : null,
      exists: what === 'mark' ? order.exists : null,
      publicKey: keys?.publicKey ?? null,
      privateKey:
        keys === undefined ? null : await sealing.seal(tenant, keyRecord(_id), keys.privateKey),
      givenAt: new Date(clock.now()),
      askedAt: null,
      asked: 0,
      answers: [],
      completedAt: null,
    };
    try {
      await access.run(tenant, 'write', () => orders.create(entry));
      entered?.();
      return entry;
    } catch (error) {
      const known = isDuplicateKey(error) ? await find(_id) : undefined;
      if (known === undefined) throw error;
      return known;
    }
  }

  const find = async (id: string) => (await orders.findById(id).lean()) ?? undefined;

  /** The run of which this service has given a receipt about all its stores, and all parts are there. */
  async function completeRun(
    order: OrderDocument,
    service: ServiceName,
    stores: readonly string[],
  ): Promise<string | undefined> {
    for (const answered of order.answers) {
      if (answered.service !== service) continue;
      const receipt = await openOrderReceipt(answered.jws, service, order, published);
      if (receipt === undefined) continue;
      const about = new Set(receipt.stores.map(({ store }) => store));
      if (!stores.every((store) => about.has(store))) continue;
      const { run } = receipt;
      const count = await parts.countDocuments({ order: order._id, service, run });
      if (count === receipt.parts) return run;
    }
    return undefined;
  }

  /** The complete run of each service that must answer. */
  async function runsOf(order: OrderDocument): Promise<[ServiceName, string | undefined][]> {
    const found = Object.entries(expected(order)) as [ServiceName, readonly string[]][];
    return Promise.all(
      found.map(async ([service, stores]) => [service, await completeRun(order, service, stores)]),
    );
  }

  async function missing(order: OrderDocument): Promise<ServiceName[]> {
    if (order.completedAt !== null) return [];
    return (await runsOf(order)).flatMap(([service, run]) => (run === undefined ? service : []));
  }

  async function send(order: OrderDocument, services: readonly ServiceName[]): Promise<void> {
    const askedAt = new Date(clock.now());
    try {
      await Promise.all(
        services.map(async (service) => {
          const content = await signed.sign('order', commandOf(order));
          // A queue does not exist if its service has never run. The order is sent again later.
          const key = routingKeys.order(service);
          await publishInTime(publisher, { key, content, persistent: true, mandatory: false });
        }),
      );
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      log.warn('order.not_sent', { erasure: order._id, reason: error.kind });
      return;
    }
    await orders.updateOne({ _id: order._id }, { askedAt, $inc: { asked: 1 } });
  }

  return {
    find,
    missing,
    async give(order) {
      const entry = await enter(order);
      if (entry.asked === 0) {
        await send(entry, Object.keys(expected(entry)) as ServiceName[]);
      }
      return (await find(entry._id)) ?? entry;
    },
    async resend(order) {
      const { askedAt, givenAt, asked } = order;
      // The process that gives an order sends it. It is sent here first only if that process has crashed.
      if (clock.now() - (askedAt ?? givenAt).getTime() < pauseAfter(asked)) return;
      const services = await missing(order);
      if (services.length > 0) await send(order, services);
    },
    async open(order) {
      const { _id, tenant, privateKey } = order;
      const runs = new Set((await runsOf(order)).map(([, run]) => run));
      const found = await parts.find({ order: _id }).sort({ service: 1, number: 1 }).lean();
      const key = String(await sealing.open(tenant, keyRecord(_id), privateKey ?? ''));
      const opened: OrderPart[] = [];
      for (const part of found) {
        if (!runs.has(part.run)) continue;
        const octets = await openOctets(key, partBinding(part), part);
        opened.push(reader(OrderPart).parse(JSON.parse(octets.toString())));
      }
      return opened;
    },
    async complete({ _id }) {
      const completedAt = new Date(clock.now());
      // First, so that nothing opens the parts any more.
      await orders.updateOne({ _id, completedAt: null }, { completedAt, privateKey: null });
      await parts.deleteMany({ order: _id });
    },
    async take(answer) {
      const { order: _id, service } = answer;
      const order = await find(_id);
      // It is complete, or older than the ledger.
      if (order === undefined || order.completedAt !== null) return;
      const { tenant, person } = order;
      if (answer.kind === 'part') {
        const { run, number, enc, sealed } = answer;
        const at = new Date(clock.now());
        const part = { order: _id, tenant, person, service, run, number, enc, sealed, at };
        const name = `${_id} ${service} ${run} ${String(number)}`;
        await access
          .run(tenant, 'write', () => parts.create({ _id: name, ...part }))
          .catch((error: unknown) => {
            if (!isDuplicateKey(error)) throw error;
          });
        return;
      }
      const receipt = await openOrderReceipt(answer.jws, service, order, published);
      if (receipt === undefined) {
        signed.refuse('orderAnswer', 'other_request');
        return;
      }
      const answered: OrderAnswered = {
        service,
        run: receipt.run,
        parts: receipt.parts,
        jws: answer.jws,
        stores: receipt.stores,
      };
      // The newest run counts: the parts of another one may never come.
      await access.run(tenant, 'write', async () => {
        await orders.updateOne({ _id }, { $pull: { answers: { service } } });
        await orders.updateOne({ _id }, { $push: { answers: answered } });
      });
    },
    async standing({ order: _id, do: what, tenant, person }) {
      const found = await orders.findOne({ _id, do: what, tenant, person }).lean();
      return { known: found !== null, wanted: found?.completedAt === null };
    },
  };
}

/** The services that must answer, with their stores. */
const expected = ({ do: what, ground }: OrderDocument) =>
  storesOfOrder(what === 'gather' ? { do: what } : { do: what, ground: ground ?? 'objection' });

function commandOf(order: OrderDocument): Order {
  const { _id, tenant, person, commitment, account, publicKey, ground, exists } = order;
  const common = { v: 1, order: _id, tenant, person, commitment } as const;
  return order.do === 'gather'
    ? {
        ...common,
        do: 'gather',
        ...(publicKey !== null && { publicKey }),
        ...(account && { account }),
      }
    : { ...common, do: 'mark', ground: ground ?? 'objection', exists: exists ?? true };
}
