import { expect, test } from 'vitest';
import { commitmentOf } from '../src/index.ts';

const tenant = '0193e1a4-0000-7000-8000-000000000001';

test('a commitment is SHA-256 of nonce, space and id, base64url', () => {
  // printf '%s %s' NONCE TENANT | openssl dgst -sha256 -binary | basenc --base64url | tr -d =
  expect(commitmentOf('bm9uY2U', tenant)).toBe('Zco6usoFEODg8sVKlkgaQUc7Jff9Iz_SLopcMN9Aj1Q');
});

test('another nonce or another tenant gives another commitment', () => {
  const all = [commitmentOf('a', tenant), commitmentOf('b', tenant), commitmentOf('a', 'another')];
  expect(new Set(all).size).toBe(3);
});
