// Installs the workspace from the lockfile and, for a command that starts servers, RabbitMQ in parallel.
// Every import of this file must work without node_modules.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findRabbitMq, installRabbitMq } from './rabbitmq.ts';
import { createSteps, type Steps } from './steps.ts';

const [pnpm = '', ...flags] = process.argv.slice(2);
process.exitCode = await main();

async function main(): Promise<number> {
  const steps = createSteps(process.stderr, Number(process.env['MYSMTP_STARTED_AT']) || Date.now());
  const [code] = await Promise.all([
    installWorkspace(steps),
    flags.includes('--servers') ? installServer(steps) : undefined,
  ]);
  return code;
}

async function installWorkspace({ step, say }: Steps): Promise<number> {
  const args = [pnpm, 'install', '--frozen-lockfile', '--ignore-scripts', '--reporter=silent'];
  const code = await step('Installing the workspace from the lockfile', async () => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const [exit] = (await once(child, 'exit')) as [number | null];
    return exit ?? 1;
  });
  if (code !== 0) {
    say(
      'pnpm could not install the workspace: see its output above. Is the npm registry reachable? Is the disk full?',
    );
  }
  return code;
}

/** Only to save time: if it fails, the later search for RabbitMQ reports the reason and the alternatives. */
async function installServer({ step, say }: Steps): Promise<void> {
  if (process.env['RABBITMQ_URL'] || (await findRabbitMq()) !== undefined) return;
  await installRabbitMq(say, step);
}
