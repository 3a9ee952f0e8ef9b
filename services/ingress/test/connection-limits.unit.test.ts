import type { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createConnectionLimits, type ConnectionLimits } from '../src/smtp/connection-limits.ts';

/** A fake socket with this address and the members that connection limits use. */
function from(remoteAddress: string): Socket {
  const socket = new Socket();
  return Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
}

const limits = { connectionLimit: 10, connectionsPerAddress: 2 };
const isRefused = (connectionLimits: ConnectionLimits, address: string) =>
  connectionLimits.enter(from(address), () => undefined).isRefused;

test('an address, a /64 and a /48 each have their own limit', () => {
  const connectionLimits = createConnectionLimits({ ...limits, connectionLimit: 100 });
  const two = (address: string) => [
    isRefused(connectionLimits, address),
    isRefused(connectionLimits, address),
  ];
  expect(two('192.0.2.1')).toEqual([false, false]);
  expect(isRefused(connectionLimits, '::ffff:192.0.2.1')).toBe(true);
  expect(isRefused(connectionLimits, '192.0.2.2')).toBe(false);
  for (const network of [0, 1, 2, 3]) {
    expect(two(`2001:db8:1:${String(network)}::1`)).toEqual([false, false]);
    expect(isRefused(connectionLimits, `2001:db8:1:${String(network)}::2`)).toBe(true);
  }
  expect(isRefused(connectionLimits, '2001:db8:1:ff::1')).toBe(true);
  expect(isRefused(connectionLimits, '2001:db8:2::1')).toBe(false);
});

test('a refused connection uses no slot, and a closed one returns its slot', () => {
  const connectionLimits = createConnectionLimits(limits);
  const first = from('192.0.2.1');
  connectionLimits.enter(first, () => undefined);
  expect(isRefused(connectionLimits, '192.0.2.1')).toBe(false);
  for (let n = 0; n < 20; n += 1) expect(isRefused(connectionLimits, '192.0.2.1')).toBe(true);
  (first as EventEmitter).emit('close');
  expect(isRefused(connectionLimits, '192.0.2.1')).toBe(false);
});

test('the oldest connection without AUTH is evicted; one with AUTH is not', () => {
  const connectionLimits = createConnectionLimits({
    connectionLimit: 3,
    connectionsPerAddress: 10,
  });
  const gone: string[] = [];
  const enter = (name: string) =>
    connectionLimits.enter(from('192.0.2.1'), () => void gone.push(name));
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
