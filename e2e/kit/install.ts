import { run } from './run.ts';

/** Installs what is missing of these Debian packages: the clients that scenarios submit mail with. */
export async function installDebian(packages: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [command, name] of Object.entries(packages)) {
    const found = await run('sh', ['-c', `command -v ${command}`]);
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
