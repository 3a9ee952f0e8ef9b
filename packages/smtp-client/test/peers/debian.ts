import { chown, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheDir, runCommand, unpackPackages } from '@mysmtp/tooling';
import { startDaemon } from './daemon.ts';
import type { Peer, PeerOptions } from './peer.ts';

/** Users exist only in the daemon's own /etc/passwd. */
export const owner = 64_901;
export const others = 64_902;

export interface Package {
  /** The mail server, and the other programs that it needs at run time. */
  readonly names: readonly [string, ...string[]];
  /** The user after it drops root, and the user without access to its queue. */
  readonly users: readonly [string, string];
  /** By their paths, with their content. */
  readonly files: Readonly<Record<string, string>>;
  /** By their paths, with owner, group and mode. */
  readonly folders: Readonly<Record<string, readonly [number, number, number]>>;
  readonly command: readonly string[];
}

/**
 * A mail server of Debian in a root directory of its own (chroot): the packages conflict with each other,
 * their paths are fixed, and they need users that this machine does not have.
 */
export async function startPackage(
  { names, users, files, folders, command }: Package,
  { dir, port, certificates }: PeerOptions,
): Promise<Peer> {
  const [name] = names;
  const unpacked = cacheDir(`debian-${name}`);
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const refusal = await unpackPackages(names, unpacked, progress);
  if (refusal !== undefined) throw new Error(`No ${name}: ${refusal.reason}`);
  const root = path.join(dir, 'root');
  await run('cp', '--archive', '--reflink=auto', unpacked, root);
  const inRoot = (file: string): string => path.join(root, file);

  for (const [folder, [user, group, mode]] of Object.entries({ ...common, ...folders })) {
    await mkdir(inRoot(folder), { recursive: true });
    await run('chown', `${String(user)}:${String(group)}`, inRoot(folder));
    await run('chmod', mode.toString(8), inRoot(folder));
  }
  for (const [file, content] of Object.entries({ ...system(users), ...files })) {
    await mkdir(path.dirname(inRoot(file)), { recursive: true });
    await writeFile(inRoot(file), content);
  }
  for (const [device, minor] of [
    ['null', '3'],
    ['urandom', '9'],
  ] as const) {
    await run('mknod', '--mode=666', inRoot(`dev/${device}`), 'c', '1', minor);
  }
  await copyFile(certificates.certFile, inRoot('etc/certificate.pem'));
  await copyFile(certificates.keyFile, inRoot('etc/key.pem'));
  // Exim reads it as its own user; OpenSMTPD requires that only root can read it.
  await chown(inRoot('etc/key.pem'), name === 'opensmtpd' ? 0 : owner, 0);

  const daemon = await startDaemon(port, 'chroot', root, ...command);
  return {
    mailDir: inRoot('mail/new'),
    async stop() {
      await daemon.stop();
      await rm(root, { recursive: true });
    },
  };
}

const common = {
  etc: [0, 0, 0o755],
  dev: [0, 0, 0o755],
  tmp: [0, 0, 0o1777],
  run: [0, 0, 0o755],
  mail: [owner, owner, 0o755],
  ...Object.fromEntries(
    ['cur', 'new', 'tmp'].map((name) => [`mail/${name}`, [owner, owner, 0o755]]),
  ),
} as const;

/** The system files that programs read. */
function system([first, second]: Package['users']): Record<string, string> {
  const users = { root: 0, nobody: 65_534, [first]: owner, [second]: others };
  const lines = (line: (name: string, id: string) => string): string =>
    Object.entries(users)
      .map(([name, id]) => `${line(name, String(id))}\n`)
      .join('');
  return {
    'etc/passwd': lines((name, id) => `${name}:x:${id}:${id}::/:/bin/false`),
    'etc/group': lines((name, id) => `${name}:x:${id}:`),
    'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
    'etc/hosts': '127.0.0.1 localhost\n',
    'etc/resolv.conf': '',
    'etc/services': 'smtp 25/tcp\n',
  };
}

async function run(command: string, ...args: string[]): Promise<void> {
  const outcome = await runCommand(command, args);
  if ('failure' in outcome) throw new Error(`${command} ${args.join(' ')}: ${outcome.failure}`);
}
