import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { runProgram } from '@mysmtp/command-line';
import { benchAudit } from './audit/bench.ts';
import { benchErasure } from './erasure/bench.ts';
import { benchUsageLog } from './usage-log/bench.ts';
import { interrupted } from './interrupt.ts';
import { measure, type Measured } from './measure.ts';
import { startMySmtp } from './mysmtp.ts';
import { parseOptions, type Options } from './options.ts';
import { freePort } from '@mysmtp/test-kit';
import { installPostfix, startPostfix } from './postfix/instance.ts';
import { cpuTable, table, type Result } from './report.ts';
import { startSink } from './sink.ts';
import type { Row } from './system.ts';

const running = new AsyncDisposableStack();

process.exitCode = await runProgram(parseOptions, main);

async function main(options: Options): Promise<number> {
  try {
    if (options.name === 'erasure' || options.name === 'person') await erase(options);
    else if (options.name === 'audit') await audit(options);
    else if (options.name === 'usage-log') await usageLog(options);
    else await bench(options);
    return 0;
  } catch (error) {
    // If the user stopped it, no message is needed.
    if (!interrupted.aborted) throw error;
    return 130;
  } finally {
    await running.disposeAsync();
  }
}

async function erase({ name, profile }: Options): Promise<void> {
  await installPostfix();
  const kind = name === 'person' ? 'person' : 'tenant';
  print(await benchErasure(kind, await openFolder(), profile, say));
}

async function audit({ profile }: Options): Promise<void> {
  const { root } = await openFolder();
  print(await benchAudit(path.join(root, 'mysmtp'), profile.messages, say));
}

async function usageLog({ profile }: Options): Promise<void> {
  const { root } = await openFolder();
  print(await benchUsageLog(path.join(root, 'servers'), profile.messages, say));
}

async function bench(options: Options): Promise<void> {
  const { name, profile, json } = options;
  const dir = await openFolder();
  const rows = await startRows(dir, options);
  const sink = await startSink(dir.sinkPort);
  running.defer(() => sink.stop());

  // One warm-up round that is not counted: compiled code, open connections, warm caches.
  for (const row of rows) await measure(row, profile, sink);
  const results = rows.map((row): Result & { rounds: Measured[] } => ({
    name: row.name,
    rounds: [],
  }));
  for (let round = 1; round <= profile.rounds; round += 1) {
    for (const [at, row] of rows.entries()) {
      const measured = await measure(row, profile, sink);
      results[at]?.rounds.push(measured);
      const speed = (measured.messages / measured.arrived).toFixed(0);
      say(`round ${String(round)}  ${row.name}: ${speed} msg/s`);
      if (measured.duplicates > 0) say(`  ${String(measured.duplicates)} arrived more than once`);
    }
  }

  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    systems: [...new Set(rows.map((row) => row.system.product))],
  };
  print(`\n${table(results)}\n\nCPU µs per message\n${cpuTable(results)}`);
  print(
    `\nprofile ${name}: ${JSON.stringify(profile)}\n${Object.values(machine).flat().join(' · ')}`,
  );
  if (json !== undefined) {
    const date = new Date().toISOString();
    await writeFile(json, JSON.stringify({ date, name, profile, machine, results }, null, 2));
  }
}

interface Folder {
  readonly root: string;
  /** A folder that the sink can write as any user. */
  readonly dump: string;
  readonly sinkPort: number;
}
async function openFolder(): Promise<Folder> {
  // On a disk, not in memory, because durable systems are compared.
  const root = await mkdtemp('/var/tmp/mysmtp-bench-');
  running.defer(() => rm(root, { recursive: true, force: true }));
  await chmod(root, 0o755);
  const dump = path.join(root, 'dump');
  await mkdir(dump);
  await chmod(dump, 0o777);
  return { root, dump, sinkPort: await freePort() };
}

/** Starts the systems of the selected rows. */
async function startRows(
  dir: Folder,
  { only, profile: { sessions }, cpuProfile }: Options,
): Promise<Row[]> {
  const isWanted = (name: string): boolean => name.includes(only);
  const names = {
    postfix: 'Postfix, unsigned',
    customer: 'mySMTP, the customer signs',
    ours: 'mySMTP, we sign (RSA-2048)',
  };
  const rows: Row[] = [];
  await installPostfix();
  if (isWanted(names.postfix)) {
    const { root, sinkPort } = dir;
    const place = { dir: path.join(root, 'postfix'), port: await freePort(), sinkPort, sessions };
    const system = await startPostfix(place);
    running.defer(system.stop);
    say(`${system.product} runs`);
    rows.push({ name: names.postfix, system, from: 'hello@demo.example.org' });
  }
  if (isWanted(names.customer) || isWanted(names.ours)) {
    const system = await startMySmtp(dir, { progress: say, cpuProfile });
    running.defer(system.stop);
    const { customer, ours } = system.senders;
    rows.push({ name: names.customer, system, from: customer });
    rows.push({ name: names.ours, system, from: ours });
  }
  return rows.filter(({ name }) => isWanted(name));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
