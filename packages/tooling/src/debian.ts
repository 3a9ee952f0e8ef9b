import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { findCommand, runCommand, type CommandResult } from './command.ts';
import { stepInLines, type Step } from './steps.ts';

/** RUNLEVEL=1 makes invoke-rc.d start no system service, because the stack runs its own servers. */
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

/** Package managers lock each other out, so ours run one after the other. */
let earlier: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = earlier.then(work);
  earlier = turn.catch(() => undefined);
  return turn;
}

/**
 * Installs Debian's packages, as root, until `isThere` returns true. The package lists are updated only if
 * the present ones are not sufficient. Returns the reason of a failure. Never interrupted, because dpkg would
 * be left in an inconsistent state.
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
      let result = await install();
      if (await isThere()) return undefined;
      await get(3 * minutes, 'update');
      result = await install();
      if (await isThere()) return undefined;
      const why =
        'failure' in result ? `failed: ${result.failure}` : 'brings no sufficient version';
      return { reason: `${byHand} ${why}` };
    }),
  );
}

type AptGet = (timeout: number, ...args: string[]) => Promise<CommandResult>;

/** `task` describes what root would do with it. */
async function aptGet(task: string): Promise<AptGet | { readonly reason: string }> {
  const apt = await findCommand('apt-get', ['/usr/bin']);
  if (apt === undefined) return { reason: 'no apt-get here' };
  if (process.getuid?.() !== 0) return { reason: `it needs root: ${task}` };
  return (timeout, ...args) => runCommand(apt, [...options, ...args], { timeout, env });
}

/**
 * Unpacks some of Debian's packages and all their libraries into `dir`, once, as root. Nothing is installed,
 * so conflicting packages can exist at the same time, each for a `chroot` of its own. Returns the reason of a
 * failure.
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
  const download = (): Promise<CommandResult> =>
    get(
      15 * minutes,
      'install',
      '-y',
      '--no-install-recommends',
      '--download-only',
      ...names,
      // As if this machine had no package installed, so that every library is included. Its own caches are
      // unchanged.
      '-o',
      'Dir::State::status=/dev/null',
      '-o',
      `Dir::Cache=${path.dirname(archives)}`,
      // The folder may be readable only by root.
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

/** The packages themselves and libraries, without dependencies that only installing needs, such as Perl. */
const isWanted = (file: string, names: readonly string[]): boolean =>
  names.includes(file.split('_')[0] ?? '') ||
  (/^z?lib.*\.deb$/.test(file) && !file.includes('perl'));
