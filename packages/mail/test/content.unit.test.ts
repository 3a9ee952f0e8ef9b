import type { Envelope } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { packMail, unpackMail } from '../src/index.ts';

const envelope: Envelope = {
  reversePath: 'a@example.org',
  senderIndex: 'AAAA',
  recipients: [{ address: '"ü,b"@example.net', index: 'BBBB', log: 'CCCC' }],
  smtputf8: true,
  eightBit: false,
  size: 11,
  signing: null,
  spool: null,
};

test('unpacking returns the packed envelope and message', () => {
  const packed = Buffer.concat(
    packMail(envelope, Buffer.from('A: b\r\n'), Buffer.from('\r\nx\r\n')),
  );
  const { envelope: back, message } = unpackMail(packed);
  expect(back).toEqual(envelope);
  expect(message?.toString()).toBe('A: b\r\n\r\nx\r\n');
});

test('a spooled message has its octets in the spool', () => {
  const spooled = { ...envelope, spool: { id: 'x', chunks: 3 } };
  expect(unpackMail(Buffer.concat(packMail(spooled)))).toEqual({
    envelope: spooled,
    message: undefined,
  });
});

test('other octets are refused', () => {
  const packed = Buffer.concat(packMail(envelope));
  expect(() => unpackMail(packed.subarray(0, -1))).toThrow(RangeError);
  expect(() => unpackMail(Buffer.alloc(2))).toThrow();
  expect(() => unpackMail(Buffer.from('\0\0\0\u0002{}'))).toThrow();
});
