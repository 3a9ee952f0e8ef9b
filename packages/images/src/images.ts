import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { ServiceName } from '@mysmtp/contracts';
import { nodeOptions, repositoryRoot } from '@mysmtp/tooling';
import { readArchive } from './archive.ts';
import type { Builder } from './builders/builder.ts';
import { ImageFailure } from './run.ts';
import type { Provenance } from './provenance.ts';
import { megabytes, type Made } from './table.ts';

/** Larger images delay the start on a node that does not have them yet. */
const largest = 250_000_000;

export interface Making {
  readonly builder: Builder;
  readonly context: string;
  /** The output folder of the builder. Complete archives within the limit are moved to `out`. */
  readonly work: string;
  readonly out: string;
  readonly base?: string;
  readonly tag: string;
  readonly provenance: Provenance;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Builds the image of a service. */
export async function makeImage(service: ServiceName, making: Making): Promise<Made> {
  const { builder, context, work, out, base, tag, provenance, progress, signal } = making;
  const name = `mysmtp/${service}:${tag}`;
  const archive = `mysmtp-${service}.tar`;
  const draft = path.join(work, archive);
  progress(`Building ${name} with ${builder.name}`);
  await builder.build(
    {
      name,
      containerfile: path.join(repositoryRoot, 'Containerfile'),
      context,
      args: {
        // Set even to the default, because older buildahs would skip the stage.
        BASE: base ?? 'runtime',
        SERVICE: service,
        NODE_OPTIONS: nodeOptions[service],
        VERSION: provenance.version,
        REVISION: provenance.revision,
        SOURCE: provenance.source,
      },
      labels: base === undefined ? {} : { 'org.opencontainers.image.base.name': base },
      epoch: provenance.epoch,
      file: draft,
    },
    signal,
  );
  const properties = await readArchive(draft);
  refuseLarge(name, properties.size);
  const file = path.join(out, archive);
  await rename(draft, file);
  return { name, ...properties, file };
}

export function refuseLarge(name: string, size: number): void {
  if (size < largest) return;
  throw new ImageFailure(`${name} has ${megabytes(size)}; the limit is ${megabytes(largest)}`);
}
