import { PublishError, type Publication } from '@mysmtp/broker';
import { batchLimit } from '@mysmtp/contracts';
import { unpackBatch } from '@mysmtp/mail';
import { beforeEach, expect, test } from 'vitest';
import { createMailBatches, RevokedError } from '../src/intake/mail-batches.ts';

interface Published {
  readonly ids: readonly string[];
  readonly content: Buffer;
  readonly confirm: PromiseWithResolvers<void>;
}
let published: Published[];
let publish: ReturnType<typeof createMailBatches>;

const idsOf = ({ headers = {}, content }: Publication): string[] =>
  headers['messages'] === undefined
    ? [String(headers['id'])]
    : unpackBatch(content).map((item) => String(item.headers['id']));

beforeEach(() => {
  published = [];
  publish = createMailBatches(
    {
      publish(publication) {
        const confirm = Promise.withResolvers<void>();
        published.push({ ids: idsOf(publication), content: publication.content, confirm });
        return confirm.promise;
      },
    },
    batchLimit,
  );
});

const send = (id: string, { size = 10, isAuthorized = (): boolean => true } = {}) =>
  publish({
    headers: { v: 1, id, tenant: 'tenant', kind: 'message' },
    content: [Buffer.alloc(size)],
    isAuthorized,
  }).then(
    () => 'confirmed',
    (error: unknown) => error,
  );

/** All promises that are settled have run their callbacks. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function confirm(index: number, error?: Error): Promise<void> {
  if (error === undefined) published[index]?.confirm.resolve();
  else published[index]?.confirm.reject(error);
  await turn();
}

const idsPublished = () => published.map(({ ids }) => ids);

test('a message is published at once and alone if nothing is under way', async () => {
  const first = send('a');
  expect(idsPublished()).toEqual([['a']]);
  await confirm(0);
  expect(await first).toBe('confirmed');
  void send('b');
  expect(idsPublished()).toEqual([['a'], ['b']]);
});

test('what arrives before the confirm is published together after it, and each gets the confirm of its own batch', async () => {
  const outcomes: string[] = [];
  for (const id of ['a', 'b', 'c', 'd'])
    void send(id).then((outcome) => outcomes.push(`${id} ${String(outcome)}`));
  expect(idsPublished()).toEqual([['a']]);
  await confirm(0);
  expect(idsPublished()).toEqual([['a'], ['b', 'c', 'd']]);
  expect(outcomes).toEqual(['a confirmed']);
  await confirm(1);
  expect(outcomes).toEqual(['a confirmed', 'b confirmed', 'c confirmed', 'd confirmed']);
});

test('a batch has at most its limit, and does not wait once it is full', () => {
  const size = Math.floor(batchLimit / 3);
  void send('a');
  for (const id of ['b', 'c', 'd', 'e', 'f']) void send(id, { size });
  expect(idsPublished()).toEqual([['a'], ['b', 'c'], ['d', 'e']]);
});

test('a message above the limit is published alone at once', () => {
  void send('a');
  void send('b');
  void send('large', { size: batchLimit + 1 });
  expect(idsPublished()).toEqual([['a'], ['b'], ['large']]);
});

test('a failed publish fails each message of its batch, and the next one is published', async () => {
  const [, second, third] = ['a', 'b', 'c'].map((id) => send(id));
  await confirm(0);
  const next = send('d');
  await confirm(1, new PublishError('unknown'));
  expect(await second).toMatchObject({ kind: 'unknown' });
  expect(await third).toMatchObject({ kind: 'unknown' });
  expect(idsPublished()).toEqual([['a'], ['b', 'c'], ['d']]);
  await confirm(2);
  expect(await next).toBe('confirmed');
});

test('a message whose sender was revoked while it waited is not published', async () => {
  let isAuthorized = true;
  void send('a');
  const revoked = send('b', { isAuthorized: () => isAuthorized });
  const other = send('c');
  isAuthorized = false;
  await confirm(0);
  expect(idsPublished()).toEqual([['a'], ['c']]);
  expect(await revoked).toBeInstanceOf(RevokedError);
  await confirm(1);
  expect(await other).toBe('confirmed');
});

test('the octets of a batch are used again after its confirm, and never before or without one', async () => {
  const sharesMemory = (one: number, other: number): boolean =>
    published[one]?.content.buffer === published[other]?.content.buffer;
  const size = Math.floor(batchLimit / 3);
  void send('a');
  for (const id of ['b', 'c', 'd', 'e', 'f', 'g', 'h']) void send(id, { size });
  expect(idsPublished()).toEqual([['a'], ['b', 'c'], ['d', 'e'], ['f', 'g']]);
  expect([sharesMemory(1, 2), sharesMemory(1, 3), sharesMemory(2, 3)]).toEqual([
    false,
    false,
    false,
  ]);
  await confirm(1);
  await confirm(2, new PublishError('unknown'));
  for (const id of ['i', 'j', 'k', 'l']) void send(id, { size });
  expect(idsPublished().slice(4)).toEqual([
    ['h', 'i'],
    ['j', 'k'],
  ]);
  expect([sharesMemory(1, 4), sharesMemory(2, 5), sharesMemory(3, 5)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('after many batches at once the octets of thirty-two are kept', async () => {
  const size = Math.floor(batchLimit / 3);
  const sendBatches = (count: number, name: string): void => {
    for (let n = 0; n < 2 * count; n += 1) void send(`${name}${String(n)}`, { size });
  };
  void send('first');
  sendBatches(41, 'a');
  for (let index = 1; index <= 40; index += 1) await confirm(index);
  const earlier = new Set(published.map(({ content }) => content.buffer));
  const before = published.length;
  sendBatches(40, 'b');
  const again = published.slice(before).filter(({ content }) => earlier.has(content.buffer));
  expect(again).toHaveLength(32);
});

test('the octets of a message that is published alone are used again after its confirm, if it is not much larger than a batch', async () => {
  const memory = (index: number) => published[index]?.content.buffer;
  const sizes = [10, batchLimit + 1, 3 * batchLimit + 1];
  for (const [n, size] of [...sizes, ...sizes].entries()) {
    void send(String(n), { size });
    expect(published[n]?.content.length).toBe(size);
    await confirm(n);
  }
  expect([memory(0) === memory(3), memory(1) === memory(4), memory(2) === memory(5)]).toEqual([
    true,
    true,
    false,
  ]);
  expect([memory(0) === memory(1), memory(1) === memory(2)]).toEqual([false, false]);
});
