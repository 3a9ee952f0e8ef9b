import { spawn } from 'node:child_process';
import { interrupted } from './interrupt.ts';
import { runClient } from './client/run.ts';
import type { Profile } from './profiles.ts';
import type { Account } from './system.ts';

const someone = 'someone@example.net';

/**
 * Submits the messages of a round; resolves when the last has its 250. With smtp-source, which has neither TLS
 * nor AUTH, or else with our own client. `until`, with smtp-source only: counts each 250, and ends when the
 * signal is aborted.
 */
export async function submit(
  profile: Profile,
  mail: {
    readonly port: number;
    readonly from: string;
    readonly to?: string;
    readonly account?: Account | undefined;
  },
  until?: { readonly signal: AbortSignal; readonly accepted: (count: number) => void },
): Promise<void> {
  const { port, from, to = someone, account } = mail;
  if (account !== undefined) {
    const { messages, octets, sessions } = profile;
    return runClient({ messages, octets, sessions, submitter: { port, from, to, account } });
  }
  const options = {
    '-s': profile.sessions,
    '-m': profile.messages,
    '-l': profile.octets,
    '-f': from,
    '-t': to,
    '-M': 'client.example.org',
  };
  const args = Object.entries(options).flatMap(([flag, value]) => [flag, String(value)]);
  if (profile.reuse) args.push('-d');
  if (until !== undefined) args.push('-c');
  args.push(`127.0.0.1:${String(port)}`);
  const source = spawn('smtp-source', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: interrupted,
  });
  // It ends each number with CR.
  let cut = '';
  source.stdout.on('data', (chunk: Buffer) => {
    const numbers = (cut + chunk.toString('latin1')).split('\r');
    cut = numbers.pop() ?? '';
    const last = numbers.at(-1);
    if (last !== undefined) until?.accepted(Number(last));
  });
  const stop = () => source.kill();
  until?.signal.addEventListener('abort', stop, { once: true });
  let said = '';
  source.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    source.once('error', reject);
    source.once('close', (code) => {
      if (code === 0 || until?.signal.aborted === true) resolve();
      else reject(new Error(`smtp-source ended with ${String(code)}: ${said.trim()}`));
    });
  });
}
