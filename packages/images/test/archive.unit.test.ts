import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readArchive } from '../src/archive.ts';
import { ImageFailure } from '../src/run.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-archive-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function archive(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  const file = path.join(dir, 'image.tar');
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  await pipeline(tar, createWriteStream(file));
  return file;
}

const id = 'ab'.repeat(32);

test.each([
  ['buildah', `${id}.json`, 'one.tar', 'two.tar'],
  ['docker', `blobs/sha256/${id}`, 'blobs/sha256/one', 'blobs/sha256/two'],
])('%s: the size of all layers, packed or not, and the digest', async (_, config, one, two) => {
  const file = await archive({
    'manifest.json': JSON.stringify([{ Config: config, Layers: [one, two] }]),
    [config]: '{}',
    [one]: Buffer.alloc(5_000),
    [two]: gzipSync(Buffer.alloc(300_000)),
    'something-else': Buffer.alloc(7_000),
  });
  await expect(readArchive(file)).resolves.toEqual({ size: 305_000, digest: `sha256:${id}` });
});

test('an empty layer has no size', async () => {
  const manifest = JSON.stringify([{ Config: `${id}.json`, Layers: ['empty.tar'] }]);
  const file = await archive({ 'manifest.json': manifest, 'empty.tar': '' });
  await expect(readArchive(file)).resolves.toMatchObject({ size: 0 });
});

test('an archive of something else is refused', async () => {
  await expect(readArchive(await archive({ file: 'x' }))).rejects.toThrow(ImageFailure);
});
