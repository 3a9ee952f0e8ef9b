import { generateSync } from 'otplib';
import { expect, test } from 'vitest';
import { newTotp, stepOf } from '../src/people/totp.ts';

/** RFC 6238, appendix B, SHA-1: seconds and the last six digits of the eight. */
const vectors: [number, string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

test.each(vectors)('RFC 6238: at %i s the code is %s', async (second, code) => {
  expect(await stepOf(secret, code, second * 1_000)).toBe(Math.floor(second / 30));
});

test('a code is accepted in its step and in the next one, and at no other time', async () => {
  const at = 1_234_567_890;
  const code = generateSync({ secret, epoch: at });
  const start = (at - (at % 30)) * 1_000;
  const step = start / 30_000;
  const accepted: [number, number | undefined][] = [
    [-1, undefined],
    [0, step],
    [29_999, step],
    [30_000, step],
    [59_999, step],
    [60_000, undefined],
  ];
  for (const [after, expected] of accepted) {
    expect(await stepOf(secret, code, start + after), String(after)).toBe(expected);
  }
});

test.each(['', '12345', '1234567', '00592a', ' 05924', '٠٠٥٩٢٤'])('%j is no code', async (code) => {
  expect(await stepOf(secret, code, 1_234_567_890_000)).toBeUndefined();
});

test('a new secret has 160 bits, and its QR code is there as SVG and as text', async () => {
  const setup = await newTotp('jane.doe@example.org');
  expect(setup.secret).toMatch(/^[A-Z2-7]{32}$/);
  const uri = new URL(setup.uri);
  expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
  expect(decodeURIComponent(uri.pathname)).toBe('/mySMTP:jane.doe@example.org');
  expect(uri.searchParams.get('secret')).toBe(setup.secret);
  expect(uri.searchParams.get('issuer')).toBe('mySMTP');
  expect(setup.qrSvg).toMatch(/^<svg /);
  expect(setup.qrText).toMatch(/[▀▄█]/);
  expect((await newTotp('jane.doe@example.org')).secret).not.toBe(setup.secret);
});
