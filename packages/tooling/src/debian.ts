import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { findCommand, runCommand, type Outcome } from './command.ts';
import { stepInLines, type Step } from './steps.ts';

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

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = earlier.then(work);
  earlier = turn.catch(() => undefined);
  return turn;
}

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
  const byHand = `apt-get install ${packages.join(' ')}`;
  const get = await aptGet(byHand);
  if ('reason' in get) return get;
  const install = () => get(15 * minutes, 'install', '-y', '--no-install-recommends', ...packages);

  return inTurn(() =>
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
}

type AptGet = (timeout: number, ...args: string[]) => Promise<Outcome>;

/** `wish` says what root would do with it. */
async function aptGet(wish: string): Promise<AptGet | { readonly reason: string }> {
  const apt = await findCommand('apt-get', ['/usr/bin']);
  if (apt === undefined) return { reason: 'no apt-get here' };
  if (process.getuid?.() !== 0) return { reason: `it needs root: ${wish}` };
  return (timeout, ...args) => runCommand(apt, [...options, ...args], { timeout, env });
}

/**
 * Unpacks some of Debian's packages and all libraries that they need into `dir`, once, as root. Nothing is
 * installed: so packages that conflict can be there at the same time, each for a `chroot` of its own.
 * Gives the reason if it cannot.
 */
export async function unpackPackages(
  names: readonly string[],
  dir: string,
  progress: (line: string) => void,
): Promise<{ readonly reason: string } | undefined> {
  const isThere = async (): Promise<boolean> => (await stat(dir).catch(() => null)) !== null;
  if (await isThere()) return undefined;
  const get = await aptGet(`apt-get install --download-only ${names.join(' ')}`);
  if ('reason' in get) return get;
  const staging = `${dir}.${String(process.pid)}`;
  const [archives, root] = [path.join(staging, 'apt', 'archives'), path.join(staging, 'root')];
  const download = (): Promise<Outcome> =>
    get(
      15 * minutes,
      'install',
      '-y',
      '--no-install-recommends',
      '--download-only',
      ...names,
      // As if this machine had no package at all: every library comes along. Its own caches stay as they are.
      '-o',
      'Dir::State::status=/dev/null',
      '-o',
      `Dir::Cache=${path.dirname(archives)}`,
      // The folder may be one that only root reads.
      '-o',
      'APT::Sandbox::User=root',
    );
  try {
    await mkdir(path.join(archives, 'partial'), { recursive: true });
    await mkdir(root);
    return await inTurn(() =>
      stepInLines(progress)(`Bringing ${names.join(', ')} from Debian (once)`, async () => {
        if ('failure' in (await download())) {
          await get(3 * minutes, 'update');
          const again = await download();
          if ('failure' in again) return { reason: `apt-get: ${again.failure}` };
        }
        for (const file of await readdir(archives)) {
          if (!isWanted(file, names)) continue;
          const unpacked = await runCommand('dpkg-deb', ['-x', path.join(archives, file), root]);
          if ('failure' in unpacked) return { reason: `${file}: ${unpacked.failure}` };
        }
        await rename(root, dir).catch(async (error: unknown) => {
          if (!(await isThere())) throw error;
        });
        return undefined;
      }),
    );
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The packages themselves and libraries; not what only installing needs, such as Perl. */
const isWanted = (file: string, names: readonly string[]): boolean =>
  names.includes(file.split('_')[0] ?? '') ||
  (/^z?lib.*\.deb$/.test(file) && !file.includes('perl'));
