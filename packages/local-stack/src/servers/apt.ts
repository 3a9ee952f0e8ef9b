import { stepInLines, type Step } from '../steps.ts';
import { findCommand, runCommand, type Outcome } from './command.ts';

/** RUNLEVEL=1 tells invoke-rc.d to start no system service: the stack runs servers of its own. */
const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
const minutes = 60_000;
const options = [
  '-qq',
  '-o',
  'Acquire::http::Timeout=20',
  // Another package manager may run, for example the automatic upgrades of a new machine.
  '-o',
  'DPkg::Lock::Timeout=120',
];

/** Two package managers at once lock each other out: ours run one after the other. */
let earlier: Promise<unknown> = Promise.resolve();

/**
 * Installs Debian's packages, as root, until `isThere` says that what is wanted is there. The list
 * of packages is brought up to date only where the present one does not do. Gives the reason where
 * it cannot. Never torn off: dpkg would be left in the middle.
 */
export async function installPackages(
  packages: readonly string[],
  isThere: () => Promise<boolean>,
  progress: (line: string) => void,
  step: Step = stepInLines(progress),
): Promise<{ readonly reason: string } | undefined> {
  const apt = await findCommand('apt-get', ['/usr/bin']);
  if (apt === undefined) return { reason: 'no apt-get here' };
  const byHand = `apt-get install ${packages.join(' ')}`;
  if (process.getuid?.() !== 0) return { reason: `it needs root: ${byHand}` };
  const get = (timeout: number, ...args: string[]): Promise<Outcome> =>
    runCommand(apt, [...options, ...args], { timeout, env });
  const install = () => get(15 * minutes, 'install', '-y', '--no-install-recommends', ...packages);

  const turn = earlier.then(() =>
    step(`Installing ${packages.join(', ')} from Debian (once)`, async () => {
      let outcome = await install();
      if (await isThere()) return undefined;
      await get(3 * minutes, 'update');
      outcome = await install();
      if (await isThere()) return undefined;
      const why =
        'failure' in outcome ? `failed: ${outcome.failure}` : 'brings no version that does';
      return { reason: `${byHand} ${why}` };
    }),
  );
  earlier = turn.catch(() => undefined);
  return turn;
}
