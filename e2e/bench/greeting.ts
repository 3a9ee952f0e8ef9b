import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { interrupted } from './interrupt.ts';

/** Resolves when an SMTP server at this port of the machine greets. Rejects if it ends before that. */
export async function greets(port: number, ended: Promise<void>, name: string): Promise<void> {
  const gone = ended.then(() => {
    throw new Error(`${name} ended as soon as it was started: see its log`);
  });
  const greeting = async () => {
    while (!(await isOpen(port))) await sleep(100, undefined, { signal: interrupted });
  };
  await Promise.race([greeting(), gone]);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.end('QUIT\r\n');
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
