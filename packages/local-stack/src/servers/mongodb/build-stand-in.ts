import { homedir } from 'node:os';
import path from 'node:path';
import { findCommand, isExecutable, outputOf } from '../command.ts';
import type { Way } from '../way.ts';
import { standInPlan } from './stand-in-plan.ts';

const crate = ['secantus-mdb', '--version', '0.5.3-beta.196', '--locked', '--ignore-rust-version'];

/** The stand-in, built once from its crate into the user's cache: about four minutes on two cores. */
export const buildStandIn: Way = {
  name: 'the stand-in built with cargo',
  find: async (place) => {
    const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
    const root = path.join(cache, 'mysmtp', 'stand-in');
    const built = path.join(root, 'bin', 'secantusd-rs');
    if (!(await isExecutable(built))) {
      const cargo = await cargoNewEnough(place.progress);
      if (cargo === undefined) {
        return { reason: 'it needs cargo 1.95 or newer, or root and Debian’s cargo-web' };
      }
      place.progress('Building the stand-in for MongoDB with cargo (once, about four minutes)');
      const minutes = 60_000;
      const target = { CARGO_TARGET_DIR: path.join(root, 'target') };
      const install = ['install', ...crate, '--root', root];
      if ((await outputOf(cargo, install, 30 * minutes, target)) === undefined) {
        return { reason: `cargo ${install.join(' ')} failed` };
      }
    }
    return standInPlan(built, place);
  },
};

/** cargo on PATH where it is new enough, else Debian's cargo-web. */
async function cargoNewEnough(progress: (line: string) => void): Promise<string | undefined> {
  const present = await findCommand('cargo', [path.join(homedir(), '.cargo', 'bin')]);
  if (present !== undefined && (await isNewEnough(present))) return present;
  const apt = await findCommand('apt-get');
  if (apt === undefined || process.getuid?.() !== 0) return undefined;
  progress('Installing cargo-web from Debian');
  const minutes = 60_000;
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  const packages = ['cargo-web', 'gcc', 'g++', 'make', 'cmake', 'pkg-config'];
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  if ((await outputOf(apt, install, 10 * minutes, quiet)) === undefined) {
    await outputOf(apt, ['update', '-qq'], 3 * minutes, quiet);
    if ((await outputOf(apt, install, 10 * minutes, quiet)) === undefined) return undefined;
  }
  // The package may leave cargo-web beside an older cargo: Debian installs it with a suffix-free name.
  const installed = await findCommand('cargo', ['/usr/bin']);
  for (const candidate of ['/usr/bin/cargo', installed]) {
    if (candidate !== undefined && (await isNewEnough(candidate))) return candidate;
  }
  return undefined;
}

async function isNewEnough(cargo: string): Promise<boolean> {
  const version = /^cargo (\d+)\.(\d+)/.exec((await outputOf(cargo, ['--version'])) ?? '');
  if (version === null) return false;
  return Number(version[1]) > 1 || Number(version[2]) >= 95;
}
