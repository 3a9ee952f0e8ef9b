import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { createGate, FencedError, NotCurrentError, type GateKeeper } from '../src/gate.ts';

const erasure = '6f9f8a54-6d0f-4d3a-9a3b-3f0b8f6e1d11';
const subject = { kind: 'tenant', tenant: 't1' } as const;
const fence = { erasure, subject };

let current: boolean;
let gate: GateKeeper;
beforeEach(() => {
  current = true;
  gate = createGate(() => current);
});

/** Work that goes on until it is told to end. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { promise, end: () => resolve('done'), fail: () => reject(new Error('failed')) };
}

/** Whether the promise is settled, once everything that is due now has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void Promise.allSettled([promise]).then(() => (settled = true));
  await turn();
  return settled;
}

test('what passes an open gate is done, and its result or failure comes back', async () => {
  expect(await gate.pass('t1', async () => 'done')).toBe('done');
  await expect(
    gate.pass('t1', async () => {
      throw new Error('failed');
    }),
  ).rejects.toThrow('failed');
  expect(gate.closedFor('t1')).toBeUndefined();
});

test('a closed gate refuses its tenant in the same turn, and nobody else', async () => {
  const closed = gate.close(fence);
  expect(gate.closedFor('t1')).toBe(erasure);
  expect(gate.closedBy(subject)).toBe(erasure);
  let done = 0;
  const count = async () => void (done += 1);
  await expect(gate.pass('t1', count)).rejects.toThrow(FencedError);
  await expect(gate.pass(['t2', 't1'], count)).rejects.toThrow(FencedError);
  expect(done).toBe(0);
  await gate.pass('t2', count);
  expect(done).toBe(1);
  expect(await closed).toEqual({ finished: 0, unknown: 0 });
});

test('a process that may have missed a fence does nothing for anybody', async () => {
  current = false;
  let done = 0;
  await expect(gate.pass('t1', async () => void (done += 1))).rejects.toThrow(NotCurrentError);
  expect(done).toBe(0);
  current = true;
  await gate.pass('t1', async () => void (done += 1));
  expect(done).toBe(1);
});

test('it is closed once all work that had passed is settled, failed or not', async () => {
  const [one, two, other] = [work(), work(), work()];
  const passed = [
    gate.pass('t1', () => one.promise),
    gate.pass(new Set(['t2', 't1']), () => two.promise).catch(() => 'failed'),
    gate.pass('t2', () => other.promise),
  ];
  const closed = gate.close(fence);
  expect(await isSettled(closed)).toBe(false);
  one.end();
  expect(await isSettled(closed)).toBe(false);
  two.fail();
  expect(await isSettled(closed)).toBe(true);
  other.end();
  expect(await Promise.all(passed)).toEqual(['done', 'failed', 'done']);
});

test('hooks run at once, are waited for, and say what was on the wire', async () => {
  const hook = work();
  const heard: unknown[] = [];
  gate.onFence((fallen) => void heard.push(fallen));
  gate.onFence(async () => {
    await hook.promise;
    return { finished: 2, unknown: 1 };
  });
  gate.onFence(() => ({ finished: 3 }));
  const closed = gate.close(fence);
  expect(heard).toEqual([{ ...subject, erasure }]);
  expect(await isSettled(closed)).toBe(false);
  hook.end();
  expect(await closed).toEqual({ finished: 5, unknown: 1 });
});

test('work that a hook ends is waited for too', async () => {
  const running = work();
  const passed = gate.pass('t1', () => running.promise);
  gate.onFence(() => running.end());
  await gate.close(fence);
  expect(await isSettled(passed)).toBe(true);
});

test('the same fence again waits for the same and calls no hook twice', async () => {
  let calls = 0;
  gate.onFence(() => {
    calls += 1;
    return { finished: 1 };
  });
  const outcomes = await Promise.all([gate.close(fence), gate.close(fence)]);
  expect([...outcomes, await gate.close(fence)]).toEqual(
    Array.from({ length: 3 }, () => ({ finished: 1, unknown: 0 })),
  );
  expect(calls).toBe(1);
});

test('where a hook fails the gate stays closed, and the same fence again tries again', async () => {
  let calls = 0;
  gate.onFence(() => {
    calls += 1;
    if (calls === 1) throw new Error('not now');
  });
  await expect(gate.close(fence)).rejects.toThrow('not now');
  await expect(gate.pass('t1', async () => undefined)).rejects.toThrow(FencedError);
  expect(await gate.close(fence)).toEqual({ finished: 0, unknown: 0 });
  expect(calls).toBe(2);
});
