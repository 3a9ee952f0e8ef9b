import { findCommand, installPackages, runCommand } from '@mysmtp/tooling';
import { ImageFailure } from '../run.ts';
import type { BuilderName } from '../options.ts';
import { buildahBuilder } from './buildah.ts';
import type { Builder } from './builder.ts';
import { dockerBuilder } from './docker.ts';

export interface Choice {
  /** Without a choice: the installed builder, or if there is none, Debian's buildah. */
  readonly builder?: BuilderName;
  /** A folder for buildah's work. */
  readonly storage: string;
  readonly progress: (line: string) => void;
}

export async function chooseBuilder({ builder, storage, progress }: Choice): Promise<Builder> {
  if (builder === 'docker') return docker();
  const here = await findBuildah();
  if (here !== undefined) return buildahBuilder(here, storage);
  if (builder === undefined && 'command' in (await findDocker())) return docker();
  return buildahBuilder(await installBuildah(progress), storage);
}

const findBuildah = () => findCommand('buildah', ['/usr/bin']);

async function installBuildah(progress: (line: string) => void): Promise<string> {
  const isThere = async () => (await findBuildah()) !== undefined;
  const refusal = await installPackages(['buildah'], isThere, progress);
  const command = await findBuildah();
  if (command !== undefined) return command;
  throw new ImageFailure(`no buildah here, nor Docker’s daemon: ${refusal?.reason ?? ''}`);
}

async function docker(): Promise<Builder> {
  const found = await findDocker();
  if ('command' in found) return dockerBuilder(found.command);
  throw new ImageFailure(`--builder docker: ${found.reason}`);
}

async function findDocker(): Promise<{ command: string } | { reason: string }> {
  const command = await findCommand('docker');
  if (command === undefined) return { reason: 'it is not on PATH' };
  const result = await runCommand(command, ['version', '--format', '{{.Server.Version}}']);
  return 'output' in result ? { command } : { reason: result.failure };
}
