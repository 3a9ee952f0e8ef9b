import { randomBytes } from 'node:crypto';
import {
  chmod,
  link,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '@mysmtp/service';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFolderVault } from '../src/vault/folder.ts';
import type { Vault } from '../src/vault/vault.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-vault-'));
  await chmod(dir, 0o700);
});

afterEach(() => rm(dir, { recursive: true }));

/** Every driver passes these tests. `open` gives a vault over the same storage each time. */
const drivers: Record<string, () => Promise<Vault>> = { folder: () => openFolderVault(dir) };

describe.each(Object.entries(drivers))('vault driver %s', (_name, open) => {
  const secret = randomBytes(32);

  test('keeps created roots, also for other processes that open it', async () => {
    const vault = await open();
    expect(await vault.list()).toEqual([]);
    expect(await vault.read('epoch-000001')).toBeUndefined();
    expect(await vault.create('epoch-000001', secret)).toBe(true);
    expect(await vault.create('mail-2026-11-24', randomBytes(32))).toBe(true);
    const other = await open();
    expect(await other.list()).toEqual(['epoch-000001', 'mail-2026-11-24']);
    expect((await other.read('epoch-000001'))?.equals(secret)).toBe(true);
  });

  test('of many concurrent attempts to create a root exactly one succeeds, and all read the same', async () => {
    const vaults = await Promise.all(Array.from({ length: 20 }, open));
    const made = await Promise.all(
      vaults.map((vault) => vault.create('mail-2026-11-24', randomBytes(32))),
    );
    expect(made.filter(Boolean).length).toBe(1);
    const read = await Promise.all(vaults.map((vault) => vault.read('mail-2026-11-24')));
    expect(new Set(read.map((bytes) => bytes?.toString('hex'))).size).toBe(1);
    expect(read[0]?.length).toBe(32);
  });

  test('destroys that root only, for ever, and idempotently', async () => {
    const vault = await open();
    await vault.create('mail-2026-11-24', secret);
    await vault.create('mail-2026-11-25', secret);
    await Promise.all([vault.destroy('mail-2026-11-24'), vault.destroy('mail-2026-11-24')]);
    await vault.destroy('mail-2026-11-24');
    expect(await vault.read('mail-2026-11-24')).toBeUndefined();
    expect(await (await open()).list()).toEqual(['mail-2026-11-25']);
  });

  test('refuses a name that could lead elsewhere', async () => {
    const vault = await open();
    for (const id of ['../epoch', 'a/b', '', '.', 'A', 'x'.repeat(65), 'a\0']) {
      await expect(vault.create(id, secret)).rejects.toThrow(RangeError);
      await expect(vault.read(id)).rejects.toThrow(RangeError);
      await expect(vault.destroy(id)).rejects.toThrow(RangeError);
    }
  });
});

describe('the folder', () => {
  test('is made for its owner only, and so is each file', async () => {
    const inner = path.join(dir, 'a', 'vault');
    const vault = await openFolderVault(inner);
    await vault.create('epoch-000001', randomBytes(32));
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
    expect(await readdir(inner)).toEqual(['epoch-000001.root']);
    expect((await stat(path.join(inner, 'epoch-000001.root'))).mode & 0o777).toBe(0o600);
  });

  test('is refused, with the name of its setting, if others may enter or if it is not a folder', async () => {
    await chmod(dir, 0o755);
    await expect(openFolderVault(dir)).rejects.toThrow(ConfigError);
    await expect(openFolderVault(dir)).rejects.toThrow(/^VAULT_DIR: /);
    await chmod(dir, 0o700);
    const file = path.join(dir, 'file');
    await writeFile(file, '');
    await expect(openFolderVault(file)).rejects.toThrow(/^VAULT_DIR: /);
  });

  test('overwrites a destroyed root: a second name of the same file shows nothing', async () => {
    const vault = await openFolderVault(dir);
    const secret = randomBytes(32);
    await vault.create('epoch-000001', secret);
    const second = path.join(dir, 'second-name');
    await link(path.join(dir, 'epoch-000001.root'), second);
    await vault.destroy('epoch-000001');
    const left = await readFile(second);
    expect(left.length).toBe(32);
    expect(left.equals(secret)).toBe(false);
  });

  test('a draft that a crash has left is not a root, and is removed in time, without its root', async () => {
    const vault = await openFolderVault(dir);
    await vault.create('epoch-000001', randomBytes(32));
    const draft = path.join(dir, 'b6c0.draft');
    await link(path.join(dir, 'epoch-000001.root'), draft);
    expect(await (await openFolderVault(dir)).list()).toEqual(['epoch-000001']);
    expect(await readdir(dir)).toContain('b6c0.draft');
    await utimes(draft, new Date(0), new Date(0));
    const later = await openFolderVault(dir);
    expect(await readdir(dir)).toEqual(['epoch-000001.root']);
    expect((await later.read('epoch-000001'))?.length).toBe(32);
  });
});
