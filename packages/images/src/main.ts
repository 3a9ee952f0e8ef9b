import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { runProgram } from '@mysmtp/command-line';
import { chooseBuilder } from './builders/choose.ts';
import { layContext, refuseFull } from './context.ts';
import { ImageFailure } from './run.ts';
import { makeImage } from './images.ts';
import { parseOptions, type Options } from './options.ts';
import { provenance } from './provenance.ts';
import { table, type Made } from './table.ts';

const exitCodes = { ok: 0, failed: 1, interrupted: 130 } as const;
const began = Date.now();
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());

process.exitCode = await runProgram(parseOptions, main);

async function main(options: Options): Promise<number> {
  try {
    if ('context' in options.target) await prepare(options.target.context, options);
    else process.stdout.write(table(await makeImages(options.target.out, options)));
    return exitCodes.ok;
  } catch (error) {
    if (stopping.signal.aborted) return exitCodes.interrupted;
    if (!(error instanceof ImageFailure)) throw error;
    process.stderr.write(`No image: ${error.message}\n`);
    return exitCodes.failed;
  }
}

/** For builders that are run by hand. */
async function prepare(context: string, options: Options): Promise<void> {
  await refuseFull(context);
  await lay(context, options, (await provenance()).epoch);
  progress(`Done: docker build --file Containerfile --build-arg SERVICE=NAME ${context}`);
}

async function makeImages(out: string, options: Options): Promise<Made[]> {
  const origin = await provenance();
  await mkdir(out, { recursive: true });
  // In the same file system as the archives, which has enough space.
  const work = await mkdtemp(path.join(path.resolve(out), '.work-'));
  try {
    const { base, builder: wanted, tag = origin.version } = options;
    const builder = await chooseBuilder({
      storage: path.join(work, 'storage'),
      progress,
      ...(wanted === undefined ? {} : { builder: wanted }),
    });
    const context = path.join(work, 'context');
    await lay(context, options, origin.epoch);
    const images: Made[] = [];
    for (const service of options.services) {
      const image = await makeImage(service, {
        builder,
        context,
        work,
        out,
        tag,
        provenance: origin,
        progress,
        signal: stopping.signal,
        ...(base === undefined ? {} : { base }),
      });
      images.push(image);
    }
    return images;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function lay(context: string, { services, base }: Options, epoch: number): Promise<void> {
  const { signal } = stopping;
  return layContext(context, { services, runtime: base === undefined, epoch, progress, signal });
}

function progress(line: string): void {
  const elapsed = ((Date.now() - began) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`${elapsed} s  ${line}\n`);
}
