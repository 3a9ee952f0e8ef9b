import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '@mysmtp/log';
import { ConfigError } from './settings.ts';

/** The content of the files of a certificate, now and after each change. */
export interface Watched<T> {
  current(): T;
  /** Called with each new content. */
  onChange(listener: (content: T) => void): void;
  close(): void;
}

/**
 * Files are replaced one after the other. This delay lets all of them arrive before they are read.
 * Milliseconds.
 */
const settleTime = 300;

/**
 * Reads files at start and again if they change or on SIGHUP. At start an invalid file stops the service:
 * `read` throws a `ConfigError`. Later an invalid file is reported, and the old content stays.
 */
export async function watchFiles<T extends Readonly<Record<string, Buffer>>>(options: {
  readonly files: readonly string[];
  readonly read: () => Promise<T>;
  readonly log: Logger;
}): Promise<Watched<T>> {
  const { files, read, log } = options;
  const listeners: ((content: T) => void)[] = [];
  let content = await read();

  async function readAgain(): Promise<void> {
    try {
      const now = await read();
      const isSame = Object.entries(now).every(([name, octets]) => content[name]?.equals(octets));
      if (isSame) return;
      content = now;
      for (const listener of listeners) listener(now);
      log.info('certificate.reloaded');
    } catch (error) {
      const reason = error instanceof ConfigError ? error.message : undefined;
      log.error('certificate.not_reloaded', { error, reason });
    }
  }

  // One after the other: the earlier of two would otherwise win if it is slower.
  let reloading = Promise.resolve();
  const reload = (): void => {
    reloading = reloading.then(readAgain);
  };
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(reload, settleTime);
  };
  process.on('SIGHUP', reload);
  const watchers = watchFolders(files, soon, log);

  return {
    current: () => content,
    onChange: (listener) => void listeners.push(listener),
    close() {
      clearTimeout(timer);
      process.off('SIGHUP', reload);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** The file of a setting; throws a `ConfigError`. */
export async function readFileOf(setting: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch {
    throw new ConfigError([{ setting, reason: 'cannot be read' }]);
  }
}

/** Throws a `ConfigError` if the attempt does not succeed. */
export function check(setting: string, reason: string, attempt: () => unknown): void {
  try {
    attempt();
  } catch {
    throw new ConfigError([{ setting, reason }]);
  }
}

/** Folders, not files: a mounted Secret changes by a symbolic link beside the file. */
function watchFolders(files: readonly string[], onChange: () => void, log: Logger): FSWatcher[] {
  const watchers: FSWatcher[] = [];
  for (const folder of new Set(files.map((file) => path.dirname(file)))) {
    try {
      const watcher = watch(folder, { persistent: false }, onChange);
      watcher.on('error', (error) => log.warn('certificate.not_watched', { error }));
      watchers.push(watcher);
    } catch (error) {
      // Without inotify only SIGHUP is available.
      log.warn('certificate.not_watched', { error });
    }
  }
  return watchers;
}
