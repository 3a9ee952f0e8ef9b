import { expect, test } from 'vitest';
import { commitmentOf, commitmentTo } from '../src/index.ts';

const tenant = '0193e1a4-0000-7000-8000-000000000001';

test('a commitment is SHA-256 of nonce, space and id, base64url', () => {
  // printf '%s %s' NONCE TENANT | openssl dgst -sha256 -binary | basenc --base64url | tr -d =
  expect(commitmentOf('bm9uY2U', tenant)).toBe('Zco6usoFEODg8sVKlkgaQUc7Jff9Iz_SLopcMN9Aj1Q');
});

test('another nonce or another tenant gives another commitment', () => {
  const all = [commitmentOf('a', tenant), commitmentOf('b', tenant), commitmentOf('a', 'another')];
  expect(new Set(all).size).toBe(3);
});

test('a commitment to a person is over the address: the domain in lower case as A-labels, the rest unchanged', () => {
  const of = (address: string) => commitmentTo({ kind: 'person', address }, 'bm9uY2U');
  // printf '%s %s' bm9uY2U Käthe@xn--bcher-kva.example | openssl dgst -sha256 -binary | basenc --base64url | tr -d =
  const commitment = 'LmUcGiN9PYXYMStz575hSNszI4MVJVxSB4JSUzXU6Cc';
  expect(of('Käthe@BÜCHER.example')).toEqual({ kind: 'person', commitment });
  expect(of('Käthe@xn--bcher-kva.Example').commitment).toBe(commitment);
  expect(of('käthe@bücher.example').commitment).not.toBe(commitment);
});
