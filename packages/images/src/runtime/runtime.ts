import { existsSync } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ImageFailure } from '../run.ts';
import { controlOf, unpackPackages } from './debian.ts';
import { layLibraries } from './libraries.ts';
import { put, putCopy } from './put.ts';

/** The libraries that Node links to, public certificates, and the Debian version. */
const packageNames = ['libc6', 'libgcc-s1', 'libstdc++6', 'ca-certificates', 'base-files'];

/** DNS after /etc/hosts, and a name for the user of the services. No other user is needed. */
const files = {
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'etc/passwd': 'root:x:0:0:root:/:/nonexistent\nnonroot:x:65532:65532:nonroot:/:/nonexistent\n',
  'etc/group': 'root:x:0:\nnonroot:x:65532:\n',
};

/**
 * Creates a root file system with this Node, its libraries, public certificates and a user, and nothing else:
 * no shell, no package manager, no writable file.
 */
export async function layRuntime(into: string, scratch: string, signal: AbortSignal) {
  const { root, packages } = await unpackPackages(packageNames, scratch, signal);
  await layNode(into);
  await layLibraries(process.execPath, root, into);
  await put(into, 'etc/ssl/certs/ca-certificates.crt', await certificates(root));
  await putCopy(into, 'etc/os-release', path.join(root, 'usr/lib/os-release'));
  for (const [file, content] of Object.entries(files)) await put(into, file, content);
  for (const debian of packages) {
    // The path that scanners read for Debian's packages in an image without a package manager.
    await put(into, `var/lib/dpkg/status.d/${debian.name}`, await controlOf(debian));
    const licence = `usr/share/doc/${debian.name}/copyright`;
    await putCopy(into, licence, path.join(root, licence));
  }
}

async function layNode(into: string): Promise<void> {
  const node = await realpath(process.execPath);
  const home = path.resolve(path.dirname(node), '..');
  // In Node's own archive, and in its npm package.
  const places = ['.', `node_modules/node-${process.platform}-${process.arch}`];
  const licence = places
    .map((place) => path.join(home, place, 'LICENSE'))
    .find((file) => existsSync(file));
  if (licence === undefined) throw new ImageFailure(`the licence of Node is not in ${home}`);
  await putCopy(into, 'usr/local/bin/node', node);
  await putCopy(into, 'usr/share/doc/node/LICENSE', licence);
}

/**
 * The output that Debian's update-ca-certificates creates from the package, without additions of this
 * machine.
 */
async function certificates(root: string): Promise<string> {
  const folder = path.join(root, 'usr/share/ca-certificates/mozilla');
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.map((text) => `${text.trim()}\n`).join('');
}
