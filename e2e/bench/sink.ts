import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { interrupted } from './interrupt.ts';

/** What receives the mail in the end. */
export interface Sink {
  readonly port: number;
  /** Messages that have arrived so far. */
  received(): number;
  /** Resolves when this many have arrived; rejects if arrivals stop before. */
  reaches(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** After this time without an arrival the missing messages count as lost. Milliseconds. */
const patience = 60_000;

/** smtp-sink: accepts everything, stores nothing, counts. `dump`: a file to which every message is appended, for inspection. */
export async function startSink(port: number, dump?: string): Promise<Sink> {
  const args = ['-c', '-m', '500'];
  // It always drops root.
  if (userInfo().uid === 0) args.push('-u', 'postfix');
  if (dump !== undefined) args.push('-D', dump);
  args.push(`127.0.0.1:${String(port)}`, '500');
  const sink = spawn('smtp-sink', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let received = 0;
  let said = '';
  let ended = false;
  sink.stdout.on('data', (chunk: Buffer) => {
    const last = chunk
      .toString('latin1')
      .match(/mesg=\d+/g)
      ?.at(-1);
    if (last !== undefined) received = Number(last.slice(5));
  });
  sink.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  sink.once('error', (error) => (said += error.message));
  sink.once('close', () => (ended = true));
  await sleep(300);
  if (ended) throw new Error(`smtp-sink does not run: ${said.trim()}`);

  return {
    port,
    ...arrivals(() => received),
    async stop() {
      if (ended) return;
      const closed = new Promise((resolve) => {
        sink.once('close', resolve);
      });
      sink.kill();
      await closed;
    },
  };
}

/** How often messages arrived, and the wait for them. */
export function arrivals(received: () => number): Pick<Sink, 'received' | 'reaches'> {
  return {
    received,
    async reaches(count) {
      let last = { received: received(), at: performance.now() };
      while (received() < count) {
        await sleep(2, undefined, { signal: interrupted });
        const now = received();
        if (now > last.received) last = { received: now, at: performance.now() };
        if (performance.now() - last.at > patience) {
          throw new Error(`${String(count - now)} messages never reached the sink`);
        }
      }
    },
  };
}
