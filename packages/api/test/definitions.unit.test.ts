import { serviceNames } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { apis, problemsOf, type RouteDefinition } from '../src/index.ts';
import { documents } from '../src/documents.ts';
import { problemTypes } from '../src/problems.ts';

const all = serviceNames.flatMap((service) =>
  Object.entries(apis[service]).map(([id, route]) => ({ service, id, route })),
);
const nameOf = ({ method, path }: RouteDefinition) => `${method} ${path}`;

test('an operation id belongs to one route, and a route to one operation id', () => {
  const pairs = new Set(all.map(({ id, route }) => `${id}: ${nameOf(route)}`));
  expect(new Set(all.map(({ id }) => id)).size).toBe(pairs.size);
  expect(new Set(all.map(({ route }) => nameOf(route))).size).toBe(pairs.size);
  expect(pairs.size).toBeGreaterThan(30);
});

test.each(all)('$service $id: the parameters of its path match its schema', ({ route }) => {
  const named = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  expect(Object.keys(route.params?.shape ?? {})).toEqual(named);
});

test.each(all)(
  '$service $id: its examples match the schemas of its input and its replies',
  ({ route }) => {
    const { body, replies = {} } = route.examples ?? {};
    if (body !== undefined) expect(route.body?.safeParse(body).error).toBeUndefined();
    for (const [status, example] of Object.entries(replies)) {
      const kind = route.replies[Number(status)];
      if (kind === undefined || typeof kind === 'string' || 'stream' in kind)
        expect.fail(`no JSON with ${status}`);
      expect(kind.safeParse(example).error).toBeUndefined();
    }
  },
);

test('a text that is longer than its limit is refused, also if the rest is blanks', () => {
  let count = 0;
  for (const { id, route } of all) {
    const example = route.examples?.body as Readonly<Record<string, unknown>> | undefined;
    if (route.body === undefined || example === undefined) continue;
    const { properties = {} } = z.toJSONSchema(route.body, { io: 'input', unrepresentable: 'any' });
    for (const [name, property] of Object.entries(properties)) {
      const text = example[name];
      const longest = typeof property === 'object' ? property.maxLength : undefined;
      if (typeof text !== 'string' || longest === undefined) continue;
      const body = { ...example, [name]: text.padEnd(longest + 1) };
      expect([id, name, route.body.safeParse(body).success]).toEqual([id, name, false]);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(10);
});

test('a body or a reply in JSON of a public route has an example', () => {
  const missing = all.filter(({ route }) => {
    if (!('permission' in route.access)) return false;
    const { body, replies = {} } = route.examples ?? {};
    const hasReplies = Object.entries(route.replies).every(
      ([status, kind]) => typeof kind === 'string' || 'stream' in kind || Number(status) in replies,
    );
    return !hasReplies || (route.body !== undefined && body === undefined);
  });
  expect(missing.map(({ id }) => id)).toEqual([]);
});

test('no route declares a common problem, and none declares a problem twice', () => {
  for (const { id, route } of all) {
    const problems = problemsOf(route);
    expect(new Set(problems).size, id).toBe(problems.length);
  }
});

test('the problems of a route have different statuses', () => {
  for (const { id, route } of all) {
    const statuses = problemsOf(route).map((type) => problemTypes[type].status);
    expect(new Set(statuses).size, id).toBe(statuses.length);
  }
});

test('public and internal documents are apart, and together contain every route', () => {
  const idsOf = (name: string) =>
    Object.values(documents()[name]?.paths ?? {}).flatMap((operations) =>
      Object.values(operations as Record<string, { operationId: string }>).map(
        ({ operationId }) => operationId,
      ),
    );
  const isInternal = (route: RouteDefinition) => 'services' in route.access;
  const expected = (internal: boolean) =>
    new Set(all.filter(({ route }) => isInternal(route) === internal).map(({ id }) => id));
  expect(new Set(idsOf('public/all.json'))).toEqual(expected(false));
  expect(new Set(idsOf('internal/all.json'))).toEqual(expected(true));
});
