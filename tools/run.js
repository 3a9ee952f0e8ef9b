// The entry point of every root script. Runs on any Node from 18 on and without node_modules: downloads the
// pinned Node and pnpm from the npm registry if the machine lacks them, has the workspace installed
// (packages/tooling/src/install.ts) if the lockfile changed, then runs the command.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, constants as osConstants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const source = ['--conditions=mysmtp-source', '--disable-warning=ExperimentalWarning'];

const registry = 'packages/contracts/src/registry/main.ts';
const chart = 'packages/chart/src/main.ts';
const api = 'packages/api/src/main.ts';
const client = 'packages/client/src/main.ts';
const monitoring = 'packages/monitoring/src/main.ts';

const commands = {
  start: (args) => [['node', ...source, 'packages/local-stack/src/main.ts', ...args]],
  dev: (args) => [['node', ...source, 'packages/local-stack/src/main.ts', '--dev', ...args]],
  check: () => [
    ['node', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
    ['node', 'node_modules/oxlint/bin/oxlint', '--type-aware'],
    ['node', 'node_modules/oxfmt/bin/oxfmt', '--check'],
    ['node', 'node_modules/knip/bin/knip.js'],
    ['node', ...source, registry, '--check'],
    ['node', ...source, api, '--check'],
    ['node', ...source, client, '--check'],
    ['node', ...source, chart, '--check'],
    ['node', ...source, monitoring, '--check'],
  ],
  fix: () => [
    ['node', 'node_modules/oxlint/bin/oxlint', '--type-aware', '--fix'],
    ['node', 'node_modules/oxfmt/bin/oxfmt'],
    ['node', ...source, registry],
    ['node', ...source, api],
    ['node', ...source, client],
    ['node', ...source, chart],
    ['node', ...source, monitoring],
  ],
  test: (args) => [['node', 'node_modules/vitest/vitest.mjs', 'run', ...args]],
  e2e: (args) => [['node', 'node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e*', ...args]],
  'e2e:cluster': (args) => [['node', ...source, 'e2e/cluster/main.ts', ...args]],
  fuzz: (args) => [['node', ...source, 'packages/test-kit/src/fuzz/main.ts', ...args]],
  bench: (args) => [['node', ...source, 'e2e/bench/main.ts', ...args]],
  'stand-in': () => [['node', ...source, 'packages/local-stack/src/stand-in.ts']],
  keys: (args) => [['node', ...source, 'packages/local-stack/src/keys.ts', ...args]],
  images: (args) => [['node', ...source, 'packages/images/src/main.ts', ...args]],
  'verify-audit': (args) => [['node', ...source, 'packages/audit/src/main.ts', ...args]],
  'verify-certificate': (args) => [
    ['node', ...source, 'packages/certificate/src/main.ts', ...args],
  ],
};

/** These start servers, which must be installed first. */
const startsServers = ['start', 'dev', 'test', 'e2e', 'bench'];

/** For these the build of the faster stand-in for MongoDB is worth its minutes. */
const wantsSpeed = ['test', 'e2e', 'bench'];

const startedAt = Date.now();
const [name, ...given] = process.argv.slice(2);
// The long matrix: tests read this variable.
const all = given.includes('--all');
const args = given.filter((arg) => arg !== '--all');
const steps =
  name !== undefined && Object.hasOwn(commands, name) ? commands[name](args) : undefined;
if (steps === undefined) {
  process.stderr.write(`usage: npm run <${Object.keys(commands).join('|')}>\n`);
  process.exit(2);
}

const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'mysmtp');
const toolchain = await bringToolchain();
const env = {
  ...process.env,
  // Compiled once, not at every start.
  NODE_COMPILE_CACHE: path.join(cache, 'node-compile-cache'),
  PATH: `${toolchain.bin}${path.delimiter}${process.env.PATH}`,
  ...(all ? { MYSMTP_ALL: '1' } : {}),
  MYSMTP_STARTED_AT: String(startedAt),
  ...(wantsSpeed.includes(name) ? { STAND_IN: process.env.STAND_IN ?? 'built' } : {}),
};
await installWorkspace();
for (const [program, ...rest] of steps) {
  const code = await run(program === 'node' ? toolchain.node : program, rest, env);
  if (code !== 0) process.exit(code);
}

/** The pinned Node and pnpm: the running ones if they are new enough, else a copy in the user's cache. */
async function bringToolchain() {
  const versions = manifest.toolchain;
  const dir = path.join(cache, `toolchain-node${versions.node}-pnpm${versions.pnpm}`);
  const bin = path.join(dir, 'node_modules', '.bin');
  if (!existsSync(dir)) {
    const staging = `${dir}.${process.pid}`;
    makeFolder(staging);
    const code = await step(
      `Bringing Node ${versions.node} and pnpm ${versions.pnpm} from the npm registry (once)`,
      () =>
        run(
          'npm',
          [
            'install',
            '--silent',
            '--no-save',
            '--no-audit',
            '--no-fund',
            '--prefix',
            staging,
            `node@${versions.node}`,
            `pnpm@${versions.pnpm}`,
          ],
          process.env,
        ),
    );
    if (code !== 0) {
      rmSync(staging, { recursive: true, force: true });
      say('npm could not bring Node and pnpm: is the npm registry reachable? Is the disk full?');
      process.exit(1);
    }
    try {
      renameSync(staging, dir);
    } catch (error) {
      // Another run of this script was faster; its copy is used.
      if (!existsSync(bin)) throw error;
      rmSync(staging, { recursive: true, force: true });
    }
  }
  return {
    bin,
    node: path.join(bin, 'node'),
    pnpm: path.join(dir, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs'),
  };
}

/** Installs the workspace from the lockfile, only if the installed one differs from the lockfile. */
async function installWorkspace() {
  const stamp = path.join(root, 'node_modules', '.mysmtp-installed');
  const lockfile = createHash('sha256')
    .update(readFileSync(path.join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfile) return;
  const servers = startsServers.includes(name) ? ['--servers'] : [];
  const code = await run(
    toolchain.node,
    [
      '--disable-warning=ExperimentalWarning',
      'packages/tooling/src/install.ts',
      toolchain.pnpm,
      ...servers,
    ],
    env,
  );
  if (code !== 0) process.exit(code);
  writeFileSync(stamp, lockfile);
}

function makeFolder(dir) {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    say(`${dir} cannot be made (${error.code}): name a folder of yours with XDG_CACHE_HOME`);
    process.exit(1);
  }
}

function sinceStart() {
  return `${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`;
}

/**
 * Shows that a step runs and its time, as packages/tooling/src/steps.ts does, which the machine's own Node
 * may not be able to run.
 */
async function step(text, work) {
  const { isTTY, columns = 80 } = process.stderr;
  const erase = isTTY ? '\r\u001B[K' : '';
  const began = Date.now();
  const took = () => ((Date.now() - began) / 1000).toFixed(1);
  if (!isTTY) say(`${sinceStart()}  ${text} …`);
  const timer = setInterval(
    () => {
      if (isTTY)
        process.stderr.write(`${erase}${`${sinceStart()}  ${text}`.slice(0, columns - 1)}`);
      else say(`${sinceStart()}  ${text}: still running after ${took()} s`);
    },
    isTTY ? 200 : 15_000,
  );
  const result = await work();
  clearInterval(timer);
  say(`${erase}${sinceStart()}  ${text}: took ${took()} s`);
  return result;
}

/** Runs a program in the repository's root and forwards signals; resolves with its exit code. */
function run(program, argv, environment) {
  return new Promise((resolve) => {
    const child = spawn(program, argv, { cwd: root, env: environment, stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    process.on('SIGTERM', forward);
    // A terminal's Ctrl-C reaches the child directly, so it is not forwarded.
    process.on('SIGINT', process.stdin.isTTY ? () => undefined : forward);
    child.on('error', (error) => {
      say(`${program}: ${error.message}`);
      resolve(127);
    });
    child.on('exit', (code, signal) => {
      process.removeAllListeners('SIGTERM');
      process.removeAllListeners('SIGINT');
      resolve(code ?? 128 + osConstants.signals[signal]);
    });
  });
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
