import { randomUUID } from 'node:crypto';
import {
  type ErasureAnswer,
  reader,
  Receipt,
  receiptType,
  registry,
  routingKeys,
  type ErasureCommand,
  type Fence,
  type Subject,
} from '@mysmtp/contracts';
import { actAsPrivacy, commitment, type OneService } from './act-as-privacy.ts';
import { eventually } from './eventually.ts';

type PurgeCommand = Extract<ErasureCommand, { do: 'purge' }>;
type Answer<Kind> = Extract<ErasureAnswer, { kind: Kind }>;

/** Erasures as privacy runs them with one service: its commands, and the answers. */
export interface Erasures {
  /** Raises a fence and waits until this many processes have acknowledged it; with 0 it waits for none. */
  raise(subject: string | Subject, processes?: number): Promise<Fence>;
  /** Ends the fence of a person for mail that is accepted from now on. */
  lift(fence: Fence, before: number): Promise<void>;
  command(
    what: 'plant' | 'purge',
    fence: Fence,
    more?: Partial<Pick<PurgeCommand, 'holds' | 'canaries'>>,
  ): Promise<void>;
  /** Puts a marker into a work queue. */
  mark(queue: string, fence: Fence): Promise<void>;
  /** The messages for an erasure so far. */
  answers<Kind extends ErasureAnswer['kind']>(kind: Kind, fence: Fence): Answer<Kind>[];
  /**
   * Waits for this many receipts, verifies them all and returns the deletion counts by store, oldest first.
   */
  erased(fence: Fence, receipts: number): Promise<[store: string, count: number][]>;
  close(): Promise<void>;
}

export async function followErasures(
  deps: OneService & {
    /** The fences in force, as privacy returns them. */
    readonly fences: Fence[];
  },
): Promise<Erasures> {
  const { service, fences } = deps;
  const privacy = await actAsPrivacy(deps, 'answer', routingKeys.erasureAnswer(service));
  const { send } = privacy;

  function answers<Kind extends ErasureAnswer['kind']>(kind: Kind, fence: Fence): Answer<Kind>[] {
    return privacy.answers.filter(
      (answer): answer is Answer<Kind> => answer.kind === kind && answer.erasure === fence.erasure,
    );
  }

  async function verified(jws: string, fence: Fence): Promise<Receipt> {
    const receipt = reader(Receipt).parse(await privacy.receipt(jws, receiptType));
    if (receipt.service !== service) throw new Error(`Not a receipt of ${service}`);
    if (receipt.requestId !== fence.erasure || receipt.registryVersion !== registry.version) {
      throw new Error('Not a receipt for this erasure by this registry');
    }
    const isHeld = receipt.retained.some(({ category }) => category.endsWith(': legal hold'));
    if (receipt.matched !== receipt.deleted && !isHeld)
      throw new Error(`${receipt.store} left something`);
    return receipt;
  }

  return {
    async raise(given, processes = 1) {
      const subject: Subject =
        typeof given === 'string' ? { kind: 'tenant', tenant: given } : given;
      const fence: Fence = { erasure: randomUUID(), subject };
      fences.push(fence);
      await send(routingKeys.fenceRaised, () => privacy.sign('fence', { v: 1, ...fence }));
      await eventually(() => {
        const { length } = answers('fenced', fence);
        if (length < processes) throw new Error(`Only ${String(length)} acknowledged the fence`);
      });
      return fence;
    },
    async lift(fence, before) {
      fences.splice(fences.indexOf(fence), 1, { ...fence, before });
      const count = answers('fenced', fence).length;
      const lifted = { v: 1, ...fence, before } as const;
      await send(routingKeys.fenceRaised, () => privacy.sign('fence', lifted));
      await eventually(() => {
        if (answers('fenced', fence).length <= count) throw new Error('not yet');
      });
    },
    command: (what, fence, more = {}) =>
      send(routingKeys.erasureCommand(service), () =>
        privacy.sign(
          'command',
          what === 'plant'
            ? { v: 1, do: what, ...fence }
            : { v: 1, do: what, ...fence, commitment, progressEvery: 10_000, ...more },
        ),
      ),
    mark: (to, fence) =>
      send(routingKeys.marker(to), () => privacy.sign('marker', { v: 1, ...fence, commitment })),
    answers,
    erased: (fence, receipts) =>
      eventually(async () => {
        const found = answers('receipt', fence);
        if (found.length < receipts) throw new Error(`Only ${String(found.length)} receipts`);
        const read = await Promise.all(found.map(({ jws }) => verified(jws, fence)));
        return read.map(({ store, deleted }) => [store, deleted]);
      }),
    close: privacy.close,
  };
}
