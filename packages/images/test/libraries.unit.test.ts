import { expect, test } from 'vitest';
import { librariesOf } from '../src/runtime/libraries.ts';

test('libraries and the loader have places, the kernel’s own has none', () => {
  const ldd = `
\tlinux-vdso.so.1 (0x00007f6af002b000)
\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f6af0015000)
\tlibstdc++.so.6 => /usr/lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007f6aefc00000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f6af002d000)`;
  expect(librariesOf(ldd)).toEqual([
    '/lib/x86_64-linux-gnu/libdl.so.2',
    '/usr/lib/x86_64-linux-gnu/libstdc++.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});

test('a library that is missing is named', () => {
  expect(() => librariesOf('\tlibatomic.so.1 => not found')).toThrow(/libatomic\.so\.1/);
});
