import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '@mysmtp/service';
import { isRootName, type Vault } from './vault.ts';

const suffix = '.root';
const draft = '.draft';

/** A draft this old was left behind by a crashed process: writing one takes milliseconds. */
const draftLifetime = 60_000;

/** A folder with a file for each root, readable by this service's user alone. */
export async function openFolderVault(dir: string): Promise<Vault> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const { mode } = await stat(dir);
    if ((mode & 0o007) !== 0) throw refused('may be entered by others than its owner: chmod 700');
    await removeOldDrafts(dir);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw refused(`cannot be used (${codeOf(error) ?? 'unknown error'})`);
  }

  const fileOf = (id: string): string => {
    if (!isRootName(id)) throw new RangeError('Not a name of a root');
    return path.join(dir, id + suffix);
  };

  return {
    async list() {
      const names = await readdir(dir);
      return names
        .filter((name) => name.endsWith(suffix))
        .map((name) => name.slice(0, -suffix.length))
        .sort();
    },
    async read(id) {
      try {
        return await readFile(fileOf(id));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    async create(id, secret) {
      const file = fileOf(id);
      const written = path.join(dir, randomUUID() + draft);
      await writeDurably(written, 'wx', secret);
      try {
        // A link is complete or absent, and fails if the file exists already.
        await link(written, file);
        return true;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await unlink(written);
        await syncFolder(dir);
      }
    },
    async destroy(id) {
      try {
        await shred(fileOf(id));
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
      await syncFolder(dir);
    },
  };
}

/**
 * Overwrites the file before it removes it, so that the octets do not stay in a free block. A file system
 * that never overwrites in place, or a disk that remaps blocks, may keep them. So the volume must be
 * encrypted.
 */
async function shred(file: string): Promise<void> {
  const { size } = await stat(file);
  await writeDurably(file, 'r+', randomBytes(size));
  await unlink(file);
}

async function writeDurably(file: string, flags: 'wx' | 'r+', content: Buffer): Promise<void> {
  await using handle = await open(file, flags, 0o600);
  await handle.writeFile(content);
  await handle.sync();
}

async function syncFolder(dir: string): Promise<void> {
  await using handle = await open(dir, 'r');
  await handle.sync();
}

async function removeOldDrafts(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!name.endsWith(draft)) continue;
    const file = path.join(dir, name);
    const { mtimeMs } = await stat(file);
    // A linked draft is the same file under a second name. Overwriting it would destroy the root.
    if (Date.now() - mtimeMs > draftLifetime) await unlink(file);
  }
}

const refused = (reason: string) => new ConfigError([{ setting: 'VAULT_DIR', reason }]);

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
