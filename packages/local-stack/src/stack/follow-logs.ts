import { watch } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames } from '@mysmtp/contracts';

/** Shows the new log lines of the services, one short line each, for developers. */
export async function followLogs(
  logDir: string,
  say: (line: string) => void,
): Promise<AsyncDisposable> {
  const files = new Map(serviceNames.map((name) => [`${name}.log`, { offset: 0, rest: '' }]));
  for (const [file, state] of files) {
    state.offset = await stat(path.join(logDir, file)).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async function readOn(file: string): Promise<void> {
    const state = files.get(file);
    if (state === undefined) return;
    await using handle = await open(path.join(logDir, file));
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(size - state.offset, 0));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, state.offset);
    state.offset += bytesRead;
    const lines = (state.rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
    state.rest = lines.pop() ?? '';
    for (const line of lines) say(readable(line));
  }

  // Reads are serialised, so that no line is read twice.
  let reading = Promise.resolve();
  const watcher = watch(logDir, (_event, file) => {
    if (file !== null) reading = reading.then(() => readOn(file)).catch(() => undefined);
  });
  return {
    async [Symbol.asyncDispose]() {
      watcher.close();
      await reading;
    },
  };
}

/** `11:59:00.123 ingress    info  message.accepted id=… size=…` */
export function readable(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, service, level, event, process: _, ...fields } = entry;
  const words = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    String(time).slice(11, 23),
    String(service).padEnd(8),
    String(level).padEnd(5),
    String(event),
    ...words,
  ].join(' ');
}
