import { z } from 'zod';
import { serviceNames, type ServiceName } from './services.ts';
import { SuppressionGround } from './suppressions.ts';

/**
 * What privacy has the services do for the request of one person, except an erasure: return what they hold
 * of the person (GDPR Art. 15, 20), or mark it (Art. 18, 21). The person is the blind index of an address
 * under the index key of the tenant.
 */
const order = <const What extends string, Shape extends z.ZodRawShape>(what: What, shape: Shape) =>
  z.strictObject({
    v: z.literal(1),
    do: z.literal(what),
    order: z.uuid(),
    tenant: z.string().min(1),
    person: z.string().min(1),
    /** Stands in receipts in place of the person. */
    commitment: z.string(),
    ...shape,
  });

/** In the queue of erasure commands of a service. Idempotent. */
export const Order = z.discriminatedUnion('do', [
  order('gather', {
    /** X25519, base64url: the records in the answer are sealed to it. Absent if only numbers are wanted. */
    publicKey: z
      .string()
      .regex(/^[\w-]{43}$/)
      .exactOptional(),
    /**
     * Id of the account of the person, who has asked while signed in: what belongs to the account is gathered
     * too. For a request of anybody else it is absent.
     */
    account: z.string().min(1).exactOptional(),
  }),
  /** The state that the mark must have. */
  order('mark', { ground: SuppressionGround, exists: z.boolean() }),
]);
export type Order = z.infer<typeof Order>;
export type OrderOf<What extends Order['do']> = Extract<Order, { readonly do: What }>;

/** `POST /internal/v1/orders/standing` of privacy: a service checks this before it executes an order. */
export const AskedOrder = z.strictObject({
  order: z.uuid(),
  do: z.enum(['gather', 'mark']),
  tenant: z.string(),
  person: z.string(),
});
export type AskedOrder = z.infer<typeof AskedOrder>;

const service = z.enum(serviceNames);

/** The statement of a service about an order: how many records of the person each of its stores has. */
export const OrderReceipt = z.strictObject({
  order: z.uuid(),
  do: z.enum(['gather', 'mark']),
  commitment: z.string(),
  service,
  stores: z.array(z.strictObject({ store: z.string(), count: z.number().int().nonnegative() })),
  /** The run of `gather` that this receipt completes, and how many parts it has. */
  run: z.uuid(),
  parts: z.number().int().nonnegative(),
  /** RFC 3339. */
  at: z.iso.datetime(),
});
export type OrderReceipt = z.infer<typeof OrderReceipt>;

export const orderReceiptType = 'mysmtp-order-receipt+jws';

const answer = <const Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ v: z.literal(1), kind: z.literal(kind), order: z.uuid(), service, ...shape });

/** It never names the person: an answer may become a dead letter. */
export const OrderAnswer = z.discriminatedUnion('kind', [
  /** Records, sealed to privacy (HPKE, RFC 9180; base64url). */
  answer('part', {
    run: z.uuid(),
    number: z.number().int().nonnegative(),
    enc: z.string(),
    sealed: z.string(),
  }),
  /** An `OrderReceipt`, signed by its service. */
  answer('receipt', { jws: z.string() }),
]);
export type OrderAnswer = z.infer<typeof OrderAnswer>;

/** A part before it is sealed. The shape of the records is that of their store in an export. */
export const OrderPart = z.strictObject({
  store: z.string(),
  records: z.array(z.unknown()),
});
export type OrderPart = z.infer<typeof OrderPart>;

/** The stores of each service from which the data of a person is gathered. */
export const gatheredStores = {
  ingress: [],
  delivery: ['delivery.deferred', 'delivery.suppressions'],
  logging: ['logging.messages', 'logging.restrictions', 'logging.auditEntries'],
  identity: [
    'identity.people',
    'identity.sessions',
    'identity.challenges',
    'identity.notices',
    'identity.tokens',
    'identity.credentials',
  ],
  privacy: ['privacy.orders', 'privacy.consents'],
} as const satisfies Readonly<Record<ServiceName, readonly string[]>>;

/** The stores of each service in which a person is marked, by ground. */
export const markedStores = {
  objection: { delivery: ['delivery.suppressions'] },
  restriction: {
    delivery: ['delivery.suppressions'],
    logging: ['logging.restrictions'],
  },
} as const satisfies Readonly<
  Record<SuppressionGround, Partial<Record<ServiceName, readonly string[]>>>
>;

/** The stores about which each service must answer. A service that is not named gets no order. */
export const storesOfOrder = (
  of: { readonly do: 'gather' } | { readonly do: 'mark'; readonly ground: SuppressionGround },
): Readonly<Partial<Record<ServiceName, readonly string[]>>> =>
  of.do === 'gather' ? gatheredStores : markedStores[of.ground];
