import { homedir } from 'node:os';
import path from 'node:path';

/** A folder of ours in the user's cache (XDG Base Directory Specification). */
export function cacheDir(name: string): string {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'mysmtp', name);
}
