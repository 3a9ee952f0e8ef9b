import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot, runCommand } from '@mysmtp/tooling';

/** The origin of an image. */
export interface Provenance {
  readonly version: string;
  /** The repository's address. */
  readonly source: string;
  /** The commit, with `-dirty` if files differ from it. */
  readonly revision: string;
  /** The time of the commit, in seconds. It becomes the time of every file and every image. */
  readonly epoch: number;
}

export async function provenance(): Promise<Provenance> {
  const manifest = await readFile(path.join(repositoryRoot, 'package.json'), 'utf8');
  const { version, repository } = JSON.parse(manifest) as { version: string; repository: string };
  const revision = await git('describe', '--always', '--dirty', '--abbrev=40', '--exclude=*');
  // https://reproducible-builds.org/specs/source-date-epoch/
  const epoch = process.env['SOURCE_DATE_EPOCH'] ?? (await git('log', '-1', '--format=%ct')) ?? '0';
  return { version, source: repository, revision: revision ?? 'unknown', epoch: Number(epoch) };
}

/** `undefined` outside a clone. */
async function git(...args: string[]): Promise<string | undefined> {
  const result = await runCommand('git', ['-C', repositoryRoot, ...args]);
  return 'output' in result ? result.output : undefined;
}
