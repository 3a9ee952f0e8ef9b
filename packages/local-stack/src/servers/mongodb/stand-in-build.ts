import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { findCommand, installPackages, outputOf, runCommand } from '@mysmtp/tooling';
import type { ServerPlace, Way } from '../way.ts';
import { buildRoot } from './stand-in-built.ts';
import { builtPlan } from './stand-in-plan.ts';

const crate = ['secantus-mdb', '--version', '0.5.3-beta.196', '--locked', '--ignore-rust-version'];
const minutes = 60_000;

/** The last way: the stand-in built as by `npm run stand-in`. */
export const standInBuild: Way = {
  name: 'the stand-in built with cargo',
  kind: 'stand-in',
  isSlow: true,
  find: async (place) => {
    const built = await buildStandIn(place);
    return 'reason' in built ? built : builtPlan(built.command, place);
  },
};

/** Builds the stand-in from its crate into the user's cache: four to fifteen minutes on two cores. */
export async function buildStandIn(
  place: Pick<ServerPlace, 'progress' | 'step' | 'signal'>,
): Promise<{ readonly command: string } | { readonly reason: string }> {
  const root = buildRoot();
  const cargo = await newEnoughCargo(place);
  if ('reason' in cargo) return cargo;
  const args = ['install', ...crate, '--root', root];
  const { signal } = place;
  // Kept until it is complete, so that a cancelled build continues from there.
  const target = path.join(root, 'target');
  const result = await place.step(
    'Building the stand-in for MongoDB with cargo (once, four to fifteen minutes)',
    () =>
      runCommand(cargo.command, args, {
        timeout: 60 * minutes,
        env: { ...cargo.env, CARGO_TARGET_DIR: target },
        signal,
      }),
  );
  if ('failure' in result) {
    return { reason: `cargo ${args.join(' ')} failed: ${result.failure}` };
  }
  await rm(target, { recursive: true, force: true });
  return { command: path.join(root, 'bin', 'secantusd-rs') };
}

interface Cargo {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** cargo on PATH if it is new enough, else that of Debian's cargo-web. */
async function newEnoughCargo({
  progress,
  step,
}: Pick<ServerPlace, 'progress' | 'step'>): Promise<Cargo | { readonly reason: string }> {
  const present = await findCommand('cargo', [path.join(homedir(), '.cargo', 'bin')]);
  if (present !== undefined && (await isNewEnough(present))) return { command: present, env: {} };
  const packages = ['cargo-web', 'gcc', 'g++', 'make', 'cmake', 'pkg-config'];
  const installed = '/usr/bin/cargo';
  const refusal = await installPackages(packages, () => isNewEnough(installed), progress, step);
  if (refusal === undefined) {
    // It would use an older rustc that is first on PATH.
    return { command: installed, env: { RUSTC: '/usr/bin/rustc' } };
  }
  return { reason: `it needs cargo 1.95 or newer; Debian’s cargo-web: ${refusal.reason}` };
}

async function isNewEnough(cargo: string): Promise<boolean> {
  const version = /^cargo (\d+)\.(\d+)/.exec((await outputOf(cargo, ['--version'])) ?? '');
  if (version === null) return false;
  return Number(version[1]) > 1 || Number(version[2]) >= 95;
}
