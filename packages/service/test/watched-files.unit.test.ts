import { createLogger } from '@mysmtp/log';
import { expect, test } from 'vitest';
import { watchFiles } from '../src/watched-files.ts';

test('of two reloads the later one counts, also if the earlier one is slower', async () => {
  const reads: PromiseWithResolvers<{ pem: Buffer }>[] = [];
  const started: (() => void)[] = [];
  const read = (): Promise<{ pem: Buffer }> => {
    const one = Promise.withResolvers<{ pem: Buffer }>();
    reads.push(one);
    started.shift()?.();
    return one.promise;
  };
  const nextRead = (): Promise<void> => new Promise((resolve) => started.push(resolve));
  const log = createLogger('ingress', 'error', { write: () => undefined });
  const answer = (index: number, pem: string) => reads[index]?.resolve({ pem: Buffer.from(pem) });

  const opening = watchFiles({ files: [], read, log });
  answer(0, 'first');
  const watched = await opening;
  const changes: string[] = [];
  watched.onChange(({ pem }) => changes.push(pem.toString()));
  const second = nextRead();
  process.emit('SIGHUP');
  process.emit('SIGHUP');
  await second;
  // The second reload must not have read yet: what it reads may not be older than what the first one reads.
  expect(reads).toHaveLength(2);
  const third = nextRead();
  answer(1, 'second');
  await third;
  answer(2, 'third');
  await expect.poll(() => changes).toEqual(['second', 'third']);
  expect(watched.current().pem.toString()).toBe('third');
  watched.close();
});
