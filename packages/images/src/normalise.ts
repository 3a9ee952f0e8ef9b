import { chmod, lutimes, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Everybody may read, nobody write but the owner, and all is of one time: neither the umask nor the
 * hour of the build shows in an image.
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
