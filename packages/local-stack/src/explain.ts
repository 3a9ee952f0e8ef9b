import { readFileSync } from 'node:fs';
import { messagesOf } from './messages-of.ts';
import { StartError } from './processes/supervisor.ts';
import { UnavailableError } from './servers/way.ts';
import { LockedError } from './stack/lock.ts';
import { NetworkRefusedError } from './stack/network-credential.ts';

/** Why the stack did not start, for whoever can change that: with the last words of what failed. */
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
  return error.stack ?? error.message;
}

/** What the service's last start said about its settings (`config.invalid`). */
function refusedSettings(logFile: string): string[] {
  const refused = new Set<string>();
  for (const line of logLines(logFile).slice(-50)) {
    try {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if (entry['event'] === 'config.invalid') {
        refused.add(`${String(entry['setting'])}: ${String(entry['reason'])}`);
      }
    } catch {
      // Not every line is the logger's.
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
