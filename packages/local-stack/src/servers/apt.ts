import { findCommand, runCommand, type Outcome } from './command.ts';

/** RUNLEVEL=1 tells invoke-rc.d to start no system service: the stack runs servers of its own. */
const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
const minutes = 60_000;

/**
 * Installs Debian's packages, as root, until `isThere` says that what is wanted is there. The list
 * of packages is brought up to date only where the present one does not do. Gives the reason where
 * it cannot. Never torn off: dpkg would be left in the middle.
 */
export async function installPackages(
  packages: readonly string[],
  isThere: () => Promise<boolean>,
  progress: (line: string) => void,
): Promise<{ readonly reason: string } | undefined> {
  const apt = await findCommand('apt-get', ['/usr/bin']);
  if (apt === undefined) return { reason: 'no apt-get here' };
  const byHand = `apt-get install ${packages.join(' ')}`;
  if (process.getuid?.() !== 0) return { reason: `it needs root: ${byHand}` };
  const get = (timeout: number, ...args: string[]): Promise<Outcome> =>
    runCommand(apt, ['-qq', '-o', 'Acquire::http::Timeout=20', ...args], { timeout, env });
  const install = () => get(15 * minutes, 'install', '-y', '--no-install-recommends', ...packages);

  progress(`Installing ${packages.join(', ')} from Debian (once)`);
  let outcome = await install();
  if (await isThere()) return undefined;
  await get(3 * minutes, 'update');
  outcome = await install();
  if (await isThere()) return undefined;
  const why = 'failure' in outcome ? `failed: ${outcome.failure}` : 'brings no version that does';
  return { reason: `${byHand} ${why}` };
}
