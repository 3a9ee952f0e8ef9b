import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { ImageFailure } from './run.ts';

/** The properties of an image archive. */
export interface ImageProperties {
  /** Octets of all layers, not compressed. */
  readonly size: number;
  /** Of the image's configuration, which names its layers by digest: the image's ID. */
  readonly digest: string;
}

interface ManifestEntry {
  readonly Config: string;
  readonly Layers: readonly string[];
}

/** Reads a docker archive of either builder. */
export async function readArchive(file: string): Promise<ImageProperties> {
  const sizes = new Map<string, number>();
  let manifest: readonly ManifestEntry[] = [];
  for await (const entry of createReadStream(file).pipe(extract())) {
    const { name } = entry.header;
    if (name === 'manifest.json') {
      manifest = JSON.parse(await text(entry)) as readonly ManifestEntry[];
    } else sizes.set(name, await unpackedSize(entry));
  }
  const [image] = manifest;
  const hex = /[\da-f]{64}/.exec(image?.Config ?? '')?.[0];
  if (image === undefined || hex === undefined) {
    throw new ImageFailure(`${file} is no archive of an image`);
  }
  const size = image.Layers.reduce((sum, layer) => sum + (sizes.get(layer) ?? 0), 0);
  return { size, digest: `sha256:${hex}` };
}

const gzip = Buffer.from([0x1f, 0x8b]);

/** Octets of a file in an archive; some builders compress layers. */
async function unpackedSize(entry: AsyncIterable<unknown>): Promise<number> {
  const packed = Readable.from(entry, { objectMode: false });
  await once(packed, 'readable');
  const start = packed.read(gzip.length) as Buffer | null;
  if (start !== null) packed.unshift(start);
  const content = start?.equals(gzip) === true ? packed.pipe(createGunzip()) : packed;
  let size = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) size += chunk.length;
  return size;
}
