import { statfs } from 'node:fs/promises';
import { UnavailableError } from '../servers/way.ts';

const mebibyte = 1024 ** 2;
/**
 * RabbitMQ accepts no mail with less than 256 MB free (configuration.ts), and a stack writes as much at once.
 */
const needed = 512 * mebibyte;

const inMebibytes = (bytes: number) => `${String(Math.floor(bytes / mebibyte))} MiB`;

/** Refuses a disk on which RabbitMQ would block publishers a minute later without an explanation. */
export async function expectRoom(
  dir: string,
  measure: (dir: string) => Promise<{ bavail: number; bsize: number }> = statfs,
): Promise<void> {
  const { bavail, bsize } = await measure(dir);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new UnavailableError(
    `The disk of ${dir} has ${inMebibytes(free)} left, and a stack needs ${inMebibytes(needed)}. Free some space, or use another --dir.`,
  );
}
