import { chmod, lutimes, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Readable for all, writable for the owner, and all with one time. So neither the umask nor the time of the
 * build changes an image.
 */
export async function normalise(folder: string, epoch: number): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of [...files, folder]) {
    const { mode } = await stat(file);
    await chmod(file, (mode & 0o100) === 0 ? 0o644 : 0o755);
    await lutimes(file, epoch, epoch);
  }
}
