import { expect, test } from 'vitest';
import { refuseLarge } from '../src/images.ts';
import { table } from '../src/table.ts';

test('an image of 250 MB is refused by name', () => {
  expect(() => refuseLarge('mysmtp/ingress:1', 250_000_000)).toThrow(
    /mysmtp\/ingress:1.*250\.0 MB/,
  );
  expect(() => refuseLarge('mysmtp/ingress:1', 249_999_999)).not.toThrow();
});

test('the table has a line for each image, in columns', () => {
  const made = { size: 179_126_272, digest: 'sha256:ab', file: 'x/y.tar' };
  const lines = table([
    { ...made, name: 'mysmtp/ingress:1' },
    { ...made, name: 'mysmtp/delivery:1' },
  ]).split('\n');
  expect(lines).toEqual([
    'IMAGE              SIZE      DIGEST     ARCHIVE',
    'mysmtp/ingress:1   179.1 MB  sha256:ab  x/y.tar',
    'mysmtp/delivery:1  179.1 MB  sha256:ab  x/y.tar',
    '',
  ]);
});
