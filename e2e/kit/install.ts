import { run } from './run.ts';

/**
 * Installs Debian packages: the clients with which scenarios submit mail. Each is named with the command that
 * succeeds if it is installed.
 */
export async function installDebian(packages: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [name, check] of Object.entries(packages)) {
    const found = await run('sh', ['-c', check]);
    if (found.code !== 0) missing.push(name);
  }
  if (missing.length === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing];
  const timeout = 300_000;
  let result = await run('apt-get', install, { env, timeout });
  if (result.code !== 0) {
    await run('apt-get', ['update', '-qq'], { env, timeout });
    result = await run('apt-get', install, { env, timeout });
  }
  if (result.code !== 0) {
    throw new Error(`Install ${missing.join(', ')} first: apt-get could not (is this root?)`);
  }
}
