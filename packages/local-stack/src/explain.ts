import { readFileSync } from 'node:fs';
import { messagesOf, StartError } from './processes/supervisor.ts';
import { UnavailableError } from './servers/way.ts';
import { LockedError } from './stack/lock.ts';
import { NetworkRefusedError } from './stack/first-tenant.ts';

/** Explains to the user why the stack did not start, with the last log lines of the failed process. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StartError) {
    const settings = refusedSettings(error.logFile);
    return [
      error.message,
      ...settings.map((line) => `  ${line}`),
      `The last lines of ${error.logFile}:`,
      ...logLines(error.logFile).slice(-10),
    ].join('\n');
  }
  if (error instanceof LockedError || error instanceof NetworkRefusedError) return error.message;
  if (error instanceof UnavailableError) return messagesOf(error).join('\n  ');
  return unwritable(error) ?? error.stack ?? error.message;
}

const refusals: Readonly<Record<string, string>> = {
  EACCES: 'may not be written by this user',
  EPERM: 'may not be written by this user',
  EROFS: 'is on a disk that is mounted read-only',
  EEXIST: 'is a file, and a folder is needed',
  ENOTDIR: 'is a file, or lies below one, and a folder is needed',
  ENOSPC: 'cannot be written: the disk is full',
  EDQUOT: 'cannot be written: this user’s share of the disk is full',
};

/** A path without write permission, and the remedy. */
function unwritable(error: NodeJS.ErrnoException): string | undefined {
  const refusal = refusals[error.code ?? ''];
  if (refusal === undefined) return undefined;
  return `${error.path ?? 'A file'} ${refusal}. Use another folder: --dir for the stack, XDG_CACHE_HOME for downloads.`;
}

/** The `config.invalid` lines of the service's last start. */
function refusedSettings(logFile: string): string[] {
  const refused = new Set<string>();
  for (const line of logLines(logFile).slice(-50)) {
    try {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if (entry['event'] === 'config.invalid') {
        refused.add(`${String(entry['setting'])}: ${String(entry['reason'])}`);
      }
    } catch {
      // Not every line comes from the logger.
    }
  }
  return [...refused];
}

function logLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}
