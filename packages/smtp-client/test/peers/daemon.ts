import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '@mysmtp/test-kit';

export interface Daemon {
  stop(): Promise<void>;
}

/** Starts a mail server in the foreground and waits for its greeting. It ends together with this process. */
export async function startDaemon(port: number, ...command: readonly string[]): Promise<Daemon> {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...command], {
    // Its standard input stays open while this process runs.
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  const hasEnded = ended.then(async () => {
    throw new Error(`${command.join(' ')} ended at its start: ${(await said).join('')}`);
  });
  try {
    await Promise.race([eventually(() => greets(port)), hasEnded]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function greets(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data');
  } finally {
    socket.destroy();
  }
}
