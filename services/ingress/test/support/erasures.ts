import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { openConsumer, type Consumer } from '@mysmtp/broker';
import {
  ErasureAnswer,
  queues,
  Receipt,
  receiptType,
  routingKeys,
  type Fence,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually } from '@mysmtp/test-kit';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { World } from './world.ts';

type Answer<Kind> = Extract<ErasureAnswer, { kind: Kind }>;

/** Erasures as privacy drives them: its commands, and what it is answered. */
export interface Erasures {
  /** Privacy knows of it, and so does every process that listens. */
  raise(tenant: string): Promise<Fence>;
  command(what: 'plant' | 'purge', fence: Fence): Promise<void>;
  /** Puts a marker into `ingress.spool`. */
  mark(fence: Fence): Promise<void>;
  /** What has come for an erasure so far. */
  answers<Kind extends ErasureAnswer['kind']>(kind: Kind, fence: Fence): Answer<Kind>[];
  /** Waits until so many receipts have come, and verifies all. */
  receipts(fence: Fence, count: number): Promise<Receipt[]>;
  close(): Promise<void>;
}

export const newErasure = (tenant: string): Fence => ({ erasure: randomUUID(), tenant });

export async function followErasures(world: World): Promise<Erasures> {
  const all: ErasureAnswer[] = [];
  const consumer: Consumer = await openConsumer({
    url: world.broker.url,
    name: 'test',
    log: createLogger('privacy', 'error', { write: () => undefined }),
    queue: queues.privacyAnswers,
    prefetch: 100,
    async handle({ content }) {
      all.push(ErasureAnswer.parse(JSON.parse(content.toString())));
      return 'ack';
    },
  });
  await eventually(() => {
    if (!consumer.isUp()) throw new Error('The consumer is not there yet');
  });
  const keys = createLocalJWKSet(
    JSON.parse(await readFile(path.join(world.dir, 'jwks'), 'utf8')) as JSONWebKeySet,
  );

  async function verified(jws: string): Promise<Receipt> {
    const { payload, protectedHeader } = await compactVerify(jws, keys);
    const { typ, kid } = protectedHeader;
    if (typ !== receiptType || kid !== 'ingress') throw new Error('Not a receipt of ingress');
    return Receipt.parse(JSON.parse(Buffer.from(payload).toString()));
  }

  const send = (key: string, content: unknown, mandatory: boolean): Promise<void> =>
    world.publisher.publish({
      exchange: 'privacy',
      key,
      content: Buffer.from(JSON.stringify(content)),
      mandatory,
    });

  function answers<Kind extends ErasureAnswer['kind']>(kind: Kind, fence: Fence): Answer<Kind>[] {
    return all.filter(
      (answer): answer is Answer<Kind> => answer.kind === kind && answer.erasure === fence.erasure,
    );
  }

  return {
    async raise(tenant) {
      const fence = newErasure(tenant);
      world.neighbours.fences.push(fence);
      await send(routingKeys.fenceRaised, { v: 1, ...fence }, false);
      return fence;
    },
    command: (what, fence) =>
      send(routingKeys.erasureCommand('ingress'), { v: 1, do: what, ...fence }, true),
    mark: (fence) => send(routingKeys.marker(queues.ingressSpool.name), { v: 1, ...fence }, true),
    answers,
    receipts: (fence, count) =>
      eventually(async () => {
        const found = answers('receipt', fence);
        if (found.length < count) throw new Error(`Only ${String(found.length)} receipts`);
        return Promise.all(found.map(async ({ jws }) => verified(jws)));
      }),
    close: () => consumer.close(),
  };
}
