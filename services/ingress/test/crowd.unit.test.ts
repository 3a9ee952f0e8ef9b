import type { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createCrowd, type Crowd } from '../src/smtp/crowd.ts';

/** A socket from there, as far as a crowd looks at one. */
function from(remoteAddress: string): Socket {
  const socket = new Socket();
  return Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
}

const limits = { connectionLimit: 10, connectionsPerAddress: 2 };
const isRefused = (crowd: Crowd, address: string) =>
  crowd.enter(from(address), () => undefined).isRefused;

test('an address, a /64 and a /48 have their numbers each', () => {
  const crowd = createCrowd({ ...limits, connectionLimit: 100 });
  const two = (address: string) => [isRefused(crowd, address), isRefused(crowd, address)];
  expect(two('192.0.2.1')).toEqual([false, false]);
  expect(isRefused(crowd, '::ffff:192.0.2.1')).toBe(true);
  expect(isRefused(crowd, '192.0.2.2')).toBe(false);
  for (const network of [0, 1, 2, 3]) {
    expect(two(`2001:db8:1:${String(network)}::1`)).toEqual([false, false]);
    expect(isRefused(crowd, `2001:db8:1:${String(network)}::2`)).toBe(true);
  }
  expect(isRefused(crowd, '2001:db8:1:ff::1')).toBe(true);
  expect(isRefused(crowd, '2001:db8:2::1')).toBe(false);
});

test('what was refused takes no place, and what closes gives its place back', () => {
  const crowd = createCrowd(limits);
  const first = from('192.0.2.1');
  crowd.enter(first, () => undefined);
  expect(isRefused(crowd, '192.0.2.1')).toBe(false);
  for (let n = 0; n < 20; n += 1) expect(isRefused(crowd, '192.0.2.1')).toBe(true);
  (first as EventEmitter).emit('close');
  expect(isRefused(crowd, '192.0.2.1')).toBe(false);
});

test('the oldest connection without AUTH makes room; one with it does not', () => {
  const crowd = createCrowd({ connectionLimit: 3, connectionsPerAddress: 10 });
  const gone: string[] = [];
  const enter = (name: string) => crowd.enter(from('192.0.2.1'), () => void gone.push(name));
  const [a, b, c] = [enter('a'), enter('b'), enter('c')];
  a.authenticated();
  const d = enter('d');
  expect(d.isRefused).toBe(false);
  expect(gone).toEqual(['b']);
  b.authenticated();
  c.authenticated();
  d.authenticated();
  expect(enter('e').isRefused).toBe(true);
  expect(gone).toEqual(['b']);
});
