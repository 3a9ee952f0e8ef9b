import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from './repository.ts';

/** A file that is generated. */
export interface Generated {
  /** Its path, absolute or from the root of the repository. */
  readonly file: string;
  readonly text: string;
  /** A file that must not change after its creation. The text is the advice for the developer. */
  readonly frozen?: string;
}

/**
 * The program of a generator (`npm run fix`): writes the files that differ. With `--check` on the command
 * line (`npm run check`) it only names them, and the exit code is 1. `source` names the source of the files
 * in that message.
 */
export async function writeOrCheck(source: string, files: readonly Generated[]): Promise<void> {
  const check = process.argv.includes('--check');
  for (const { file, text, frozen } of files) {
    const place = path.resolve(repositoryRoot, file);
    const before = await readFile(place, 'utf8').catch(() => undefined);
    if (before === text) continue;
    if (check || (before !== undefined && frozen !== undefined)) {
      const advice = frozen ?? 'Write it again with `npm run fix`.';
      const name = path.relative(repositoryRoot, place);
      process.stderr.write(`${name} does not match ${source}.\n${advice}\n`);
      process.exitCode = 1;
    } else {
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, text);
    }
  }
}
