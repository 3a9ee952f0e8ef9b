import { expect, test } from 'vitest';
import { createConcurrencyLimit } from '../src/consumers/concurrency-limit.ts';

const never = new AbortController().signal;
/** All promises that are settled have run their callbacks. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

function scene(room: number) {
  const limit = createConcurrencyLimit(room);
  const inside: string[] = [];
  return {
    limit,
    inside,
    enter(name: string, tenant = 't', lost = never) {
      const turnOf = limit.enter(tenant, lost);
      if (turnOf === undefined) inside.push(name);
      else void turnOf.then(() => inside.push(name));
    },
  };
}

test('those without room wait, and enter in their order as others leave', async () => {
  const { limit, inside, enter } = scene(2);
  for (const name of ['a', 'b', 'c', 'd', 'e']) enter(name);
  expect(inside).toEqual(['a', 'b']);
  limit.leave();
  await turn();
  expect(inside).toEqual(['a', 'b', 'c']);
  limit.leave();
  limit.leave();
  await turn();
  expect(inside).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('those of a fenced tenant, and those that the broker has taken back, do not wait', async () => {
  const { limit, inside, enter } = scene(1);
  const connection = new AbortController();
  enter('a');
  enter('fenced', 'leaving');
  enter('lost', 't', connection.signal);
  enter('d');
  limit.letThrough('leaving');
  await turn();
  expect(inside).toEqual(['a', 'fenced']);
  connection.abort();
  await turn();
  expect(inside).toEqual(['a', 'fenced', 'lost']);
  enter('late', 't', connection.signal);
  expect(inside).toEqual(['a', 'fenced', 'lost', 'late']);
  for (let n = 0; n < 3; n += 1) limit.leave();
  await turn();
  expect(inside).not.toContain('d');
  limit.leave();
  await turn();
  expect(inside).toContain('d');
});

test('an open limit lets all through', async () => {
  const { limit, inside, enter } = scene(1);
  for (const name of ['a', 'b', 'c']) enter(name);
  limit.open();
  enter('d');
  await turn();
  expect(inside.toSorted()).toEqual(['a', 'b', 'c', 'd']);
});
