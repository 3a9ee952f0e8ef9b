import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { installPackages } from '../apt.ts';
import { cacheDir } from '../../cache.ts';
import { findCommand, isExecutable, outputOf, runCommand } from '../command.ts';
import type { ServerPlace, Way } from '../way.ts';
import { standInPlan } from './stand-in-plan.ts';

const crate = ['secantus-mdb', '--version', '0.5.3-beta.196', '--locked', '--ignore-rust-version'];
const minutes = 60_000;

/** The stand-in, built once from its crate into the user's cache: five to fifteen minutes on two cores. */
export const buildStandIn: Way = {
  name: 'the stand-in built with cargo',
  kind: 'stand-in',
  find: async (place) => {
    const root = cacheDir('stand-in');
    const built = path.join(root, 'bin', 'secantusd-rs');
    if (!(await isExecutable(built))) {
      const cargo = await newEnoughCargo(place);
      if ('reason' in cargo) return cargo;
      place.progress(
        'Building the stand-in for MongoDB with cargo (once, five to fifteen minutes)',
      );
      const args = ['install', ...crate, '--root', root];
      const { signal } = place;
      // Kept until it is done: a build that was given up goes on from there.
      const target = path.join(root, 'target');
      const outcome = await runCommand(cargo.command, args, {
        timeout: 60 * minutes,
        env: { ...cargo.env, CARGO_TARGET_DIR: target },
        signal,
      });
      if ('failure' in outcome) {
        return { reason: `cargo ${args.join(' ')} failed: ${outcome.failure}` };
      }
      await rm(target, { recursive: true, force: true });
    }
    return standInPlan(built, place);
  },
};

interface Cargo {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** cargo on PATH where it is new enough, else that of Debian's cargo-web. */
async function newEnoughCargo(place: ServerPlace): Promise<Cargo | { readonly reason: string }> {
  const present = await findCommand('cargo', [path.join(homedir(), '.cargo', 'bin')]);
  if (present !== undefined && (await isNewEnough(present))) return { command: present, env: {} };
  const packages = ['cargo-web', 'gcc', 'g++', 'make', 'cmake', 'pkg-config'];
  const installed = '/usr/bin/cargo';
  const refusal = await installPackages(packages, () => isNewEnough(installed), place.progress);
  if (refusal === undefined) {
    // It would take an older rustc that comes first on PATH.
    return { command: installed, env: { RUSTC: '/usr/bin/rustc' } };
  }
  return { reason: `it needs cargo 1.95 or newer; Debian’s cargo-web: ${refusal.reason}` };
}

async function isNewEnough(cargo: string): Promise<boolean> {
  const version = /^cargo (\d+)\.(\d+)/.exec((await outputOf(cargo, ['--version'])) ?? '');
  if (version === null) return false;
  return Number(version[1]) > 1 || Number(version[2]) >= 95;
}
