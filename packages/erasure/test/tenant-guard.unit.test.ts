import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import {
  createTenantGuard,
  FencedError,
  StaleFencesError,
  type TenantGuardControl,
} from '../src/tenant-guard.ts';

const erasure = '6f9f8a54-6d0f-4d3a-9a3b-3f0b8f6e1d11';
const subject = { kind: 'tenant', tenant: 't1' } as const;
const fence = { erasure, subject };

let current: boolean;
let guard: TenantGuardControl;
beforeEach(() => {
  current = true;
  guard = createTenantGuard(() => current);
});

/** Work that continues until the test ends it. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { promise, end: () => resolve('done'), fail: () => reject(new Error('failed')) };
}

/** Whether the promise is settled after everything due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void Promise.allSettled([promise]).then(() => (settled = true));
  await turn();
  return settled;
}

test('work for a tenant that is not fenced is done, and its result or failure is returned', async () => {
  expect(await guard.run('t1', async () => 'done')).toBe('done');
  await expect(
    guard.run('t1', async () => {
      throw new Error('failed');
    }),
  ).rejects.toThrow('failed');
  expect(guard.fencedBy('t1')).toBeUndefined();
});

test('a fenced tenant is refused in the same turn, and no other tenant is', async () => {
  const closed = guard.apply(fence);
  expect(guard.fencedBy('t1')).toBe(erasure);
  expect(guard.fenceOn({ subject })).toBe(erasure);
  let done = 0;
  const count = async () => void (done += 1);
  await expect(guard.run('t1', count)).rejects.toThrow(FencedError);
  await expect(guard.run(['t2', 't1'], count)).rejects.toThrow(FencedError);
  expect(done).toBe(0);
  await guard.run('t2', count);
  expect(done).toBe(1);
  expect(await closed).toEqual({ finished: 0, unknown: 0 });
});

test('a process that may have missed a fence does nothing for any tenant', async () => {
  current = false;
  let done = 0;
  await expect(guard.run('t1', async () => void (done += 1))).rejects.toThrow(StaleFencesError);
  expect(done).toBe(0);
  current = true;
  await guard.run('t1', async () => void (done += 1));
  expect(done).toBe(1);
});

test('a fence is applied once all earlier work is settled, failed or not', async () => {
  const [one, two, other] = [work(), work(), work()];
  const passed = [
    guard.run('t1', () => one.promise),
    guard.run(new Set(['t2', 't1']), () => two.promise).catch(() => 'failed'),
    guard.run('t2', () => other.promise),
  ];
  const closed = guard.apply(fence);
  expect(await isSettled(closed)).toBe(false);
  one.end();
  expect(await isSettled(closed)).toBe(false);
  two.fail();
  expect(await isSettled(closed)).toBe(true);
  other.end();
  expect(await Promise.all(passed)).toEqual(['done', 'failed', 'done']);
});

test('hooks run at once, are awaited, and report the outcome on the wire', async () => {
  const hook = work();
  const seen: unknown[] = [];
  guard.onFence((fence) => void seen.push(fence));
  guard.onFence(async () => {
    await hook.promise;
    return { finished: 2, unknown: 1 };
  });
  guard.onFence(() => ({ finished: 3 }));
  const closed = guard.apply(fence);
  expect(seen).toEqual([{ ...subject, erasure }]);
  expect(await isSettled(closed)).toBe(false);
  hook.end();
  expect(await closed).toEqual({ finished: 5, unknown: 1 });
});

test('work that a hook ends is awaited too', async () => {
  const running = work();
  const passed = guard.run('t1', () => running.promise);
  guard.onFence(() => running.end());
  await guard.apply(fence);
  expect(await isSettled(passed)).toBe(true);
});

test('a repeated fence waits for the same work and calls no hook twice', async () => {
  let calls = 0;
  guard.onFence(() => {
    calls += 1;
    return { finished: 1 };
  });
  const outcomes = await Promise.all([guard.apply(fence), guard.apply(fence)]);
  expect([...outcomes, await guard.apply(fence)]).toEqual(
    Array.from({ length: 3 }, () => ({ finished: 1, unknown: 0 })),
  );
  expect(calls).toBe(1);
});

test('if a hook fails, the tenant stays fenced, and a repeated fence tries again', async () => {
  let calls = 0;
  guard.onFence(() => {
    calls += 1;
    if (calls === 1) throw new Error('not now');
  });
  await expect(guard.apply(fence)).rejects.toThrow('not now');
  await expect(guard.run('t1', async () => undefined)).rejects.toThrow(FencedError);
  expect(await guard.apply(fence)).toEqual({ finished: 0, unknown: 0 });
  expect(calls).toBe(2);
});

const person = { kind: 'person', tenant: 't1', person: 'p' } as const;

test('a fenced person is found by its index, and work for its tenant goes on', async () => {
  expect(guard.personFences('t1')).toBeUndefined();
  await guard.apply({ erasure, subject: person });
  expect(guard.personFences('t2')).toBeUndefined();
  expect(guard.personFences('t1')?.of(0, 'q', 'p')).toBe(erasure);
  expect(guard.personFences('t1')?.of(0, 'q')).toBeUndefined();
  expect(guard.fenceOn({ subject: person })).toBe(erasure);
  expect(guard.fencedBy('t1')).toBeUndefined();
  expect(await guard.run('t1', async () => 'done')).toBe('done');
});

test('the fence of a person waits for writes of its tenant and for its hooks, not for handling', async () => {
  const [write, handling, hook] = [work(), work(), work()];
  const passed = [guard.run('t1', () => write.promise), guard.handle('t1', () => handling.promise)];
  guard.onPersonFence(async () => {
    await hook.promise;
    return { finished: 1, unknown: 2 };
  });
  const closed = guard.apply({ erasure, subject: person });
  write.end();
  expect(await isSettled(closed)).toBe(false);
  hook.end();
  expect(await closed).toEqual({ finished: 1, unknown: 2 });
  const whole = guard.apply(fence);
  expect(await isSettled(whole)).toBe(false);
  handling.end();
  await whole;
  await Promise.all(passed);
});

test('a lifted fence is left for what was accepted before, and a new fence replaces it', async () => {
  await guard.apply({ erasure, subject: person });
  await guard.apply({ erasure, subject: person, before: 100 });
  const fences = guard.personFences('t1');
  expect([fences?.of(99, 'p'), fences?.of(100, 'p')]).toEqual([erasure, undefined]);
  expect(guard.fenceOn({ subject: person })).toBeUndefined();
  expect(guard.fenceOn({ subject: person, before: 100 })).toBe(erasure);
  await guard.apply({ erasure: 'another', subject: person });
  expect(guard.personFences('t1')?.of(200, 'p')).toBe('another');
});
