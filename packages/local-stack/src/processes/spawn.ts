import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import type { Program } from './program.ts';

/**
 * With util-linux's setpriv the kernel ends the child if its parent ends, even by SIGKILL. If setpriv is
 * missing (not Linux), the next start ends processes of an earlier one.
 */
const deathSignal =
  spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0
    ? ['setpriv', '--pdeathsig', 'KILL', '--']
    : [];

/**
 * Starts a program in a process group of its own, so that a terminal's Ctrl-C reaches only the supervisor.
 */
export function spawnProgram(program: Program): ChildProcess {
  mkdirSync(path.dirname(program.logFile), { recursive: true });
  const log = openSync(program.logFile, 'a', 0o600);
  const [command = '', ...args] = [...deathSignal, program.command, ...program.args];
  const child = spawn(command, args, {
    cwd: program.cwd,
    env: program.env,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  return child;
}
