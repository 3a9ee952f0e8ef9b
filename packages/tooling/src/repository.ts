import { homedir } from 'node:os';
import path from 'node:path';

/** The root of this repository. */
export const repositoryRoot = path.resolve(import.meta.dirname, '../../..');

/** Our folder in the user's cache (XDG Base Directory Specification). */
export function cacheDir(name: string): string {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'mysmtp', name);
}
