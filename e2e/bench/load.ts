import { spawn } from 'node:child_process';
import { interrupted } from './interrupt.ts';
import type { Profile } from './profiles.ts';

/** Submits the messages of a round with smtp-source; resolves when the last has its 250. */
export async function submit(
  profile: Profile,
  mail: { readonly port: number; readonly from: string },
): Promise<void> {
  const options = {
    '-s': profile.sessions,
    '-m': profile.messages,
    '-l': profile.octets,
    '-f': mail.from,
    '-t': 'someone@example.net',
    '-M': 'client.example.org',
  };
  const args = Object.entries(options).flatMap(([flag, value]) => [flag, String(value)]);
  if (profile.reuse) args.push('-d');
  args.push(`127.0.0.1:${String(mail.port)}`);
  const source = spawn('smtp-source', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: interrupted,
  });
  let said = '';
  source.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    source.once('error', reject);
    source.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`smtp-source ended with ${String(code)}: ${said.trim()}`));
    });
  });
}
