import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startStack } from '@mysmtp/local-stack';
import type { Folder } from '../folder.ts';
import { interrupted } from '../interrupt.ts';
import type { Options } from '../options.ts';
import { startSink } from '../sink.ts';
import { stageTable, type StageRound } from './report.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const programs = {
  ingress: path.join(root, 'services/ingress/test/bench/stages.ts'),
  client: path.join(root, 'packages/smtp-client/test/bench/client.ts'),
} as const;

/** Each stage of the path of a mail alone, in processes of their own. Returns the table. */
export async function benchStages(
  dir: Folder,
  { profile: { messages, octets, rounds, sessions } }: Options,
  say: (line: string) => void,
): Promise<string> {
  const numbers = [messages, octets, rounds, sessions].map(String);
  const stack = await startStack({
    dir: path.join(dir.root, 'mysmtp'),
    progress: say,
    signal: interrupted,
  });
  const results: StageRound[] = [];
  try {
    // The messages stay in the queue: nothing can open them.
    await stack.process('delivery').stop();
    const { url } = stack.description().rabbitmq;
    results.push(...(await runProgram(programs.ingress, [url, ...numbers], say)));
  } finally {
    await stack.stop();
  }
  const sink = await startSink(dir.sinkPort);
  try {
    const args = [String(dir.sinkPort), ...numbers];
    results.push(...(await runProgram(programs.client, args, say)));
  } finally {
    await sink.stop();
  }
  return stageTable(results);
}

/** Runs a program that prints a line of JSON for each stage and round, and parses the lines. */
async function runProgram(
  program: string,
  args: readonly string[],
  say: (line: string) => void,
): Promise<StageRound[]> {
  const options = ['--conditions=mysmtp-source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...options, program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: interrupted,
  });
  const results: StageRound[] = [];
  createInterface(child.stdout).on('line', (line) => {
    say(line);
    results.push(JSON.parse(line) as StageRound);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${path.basename(program)} ended with ${String(code)}`);
  return results;
}
