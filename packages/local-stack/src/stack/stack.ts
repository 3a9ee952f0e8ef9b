import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { stepInLines } from '@mysmtp/tooling';
import { freePorts } from '../ports.ts';
import { supervise, type Supervised } from '../processes/supervisor.ts';
import { writePrivate } from '../secrets.ts';
import { startServers } from '../servers/start.ts';
import { describeStack, type StackDescription } from './description.ts';
import { firstTenant, networkCredential } from './first-tenant.ts';
import { endLeftovers } from './leftovers.ts';
import { lock } from './lock.ts';
import { prepare } from './prepare.ts';
import {
  anotherProgram,
  apiUrl,
  mxHint,
  mxProgram,
  portSettings,
  serviceProgram,
  type Plan,
} from './programs.ts';
import { createRegister, type Register } from './register.ts';
import { expectRoom } from './room.ts';
import { restartOnChange } from './restart-on-change.ts';
import type { StartOptions } from './options.ts';

export type ProcessName = ServiceName | 'mx' | 'rabbitmq' | 'mongodb' | 'epmd';

/** A process beside the first one of its service, with its own ports, by setting. */
export interface Another {
  readonly process: Supervised;
  readonly ports: Readonly<Record<string, number>>;
}

/** A running stack. */
export interface Stack extends AsyncDisposable {
  /** The current content of stack.json. */
  description(): StackDescription;
  /** True if the database is the local stand-in. */
  readonly standIn: boolean;
  /** One process, to kill, stop or start; supervision restarts a killed one. */
  process(name: ProcessName): Supervised;
  /** Starts a second process of a service, as in a cluster; it ends with the stack. */
  another(service: ServiceName): Promise<Another>;
  /** A service's own connection string of its database. */
  databaseUrl(service: ServiceName): string;
  stop(): Promise<void>;
}

/** Starts everything. If one start fails, the others are stopped again. */
export async function startStack(options: StartOptions): Promise<Stack> {
  const dir = path.resolve(options.dir);
  const cleanUp = new AsyncDisposableStack();
  try {
    return await start(dir, options, cleanUp);
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
}

async function start(
  dir: string,
  options: StartOptions,
  cleanUp: AsyncDisposableStack,
): Promise<Stack> {
  const { progress = () => undefined, step = stepInLines(progress), signal } = options;
  const descriptionFile = path.join(dir, 'stack.json');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await expectRoom(dir);
  cleanUp.defer(await lock(path.join(dir, 'lock')));
  await rm(descriptionFile, { force: true });
  const register = await openRegister(dir, options, cleanUp);
  if (options.fresh === true) await forget(dir);

  const servers = await startServers({
    ...options,
    dir,
    onChange: () => register.changed(),
    onSupervised: (process) => register.add(process),
  });
  cleanUp.defer(() => servers.stop());
  const plan = await step('Preparing users, databases, keys and certificates', () =>
    prepare(dir, servers, options),
  );
  await step('Starting the five services and the local MX', () =>
    startProcesses(plan, register, cleanUp, signal),
  );
  const first = await step('Preparing the first tenant', () => firstTenant(plan, signal));
  if (options.network !== undefined) {
    await networkCredential(apiUrl(plan, 'identity'), first, options.network);
  }
  if (options.dev === true) cleanUp.use(restartOnChange(register.get, progress));
  signal?.throwIfAborted();

  const description = () => describeStack(plan, servers, first, register.pids());
  await register.alsoWrite(() => writePrivate(descriptionFile, description()));
  const stop = async () => {
    // Removed before anything stops, so that its readers can rely on its content.
    await register.alsoWrite(undefined);
    await rm(descriptionFile, { force: true });
    await cleanUp.disposeAsync();
  };
  const another: Stack['another'] = async (service) => {
    const ports = await freePorts(portSettings(plan, service));
    const process = supervise(anotherProgram(plan, service, ports), register.changed);
    cleanUp.defer(() => process.stop());
    process.start();
    await process.ready(signal);
    return { process, ports };
  };
  return {
    description,
    another,
    databaseUrl: (service) => plan.databases.urls[service],
    standIn: servers.mongodb.plan.standIn ?? false,
    process: (name) => {
      const found = register.get(name);
      if (found === undefined) throw new Error(`${name} is not a process of this stack`);
      return found;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Ends the processes of an earlier supervisor, then records those of this one. */
async function openRegister(
  dir: string,
  { progress, hurry }: StartOptions,
  cleanUp: AsyncDisposableStack,
): Promise<Register> {
  const file = path.join(dir, 'processes.json');
  const ended = await endLeftovers(file);
  if (ended > 0) progress?.(`Ended ${String(ended)} processes of an earlier start`);
  const register = createRegister(file);
  cleanUp.defer(() => register.settled());
  const abandonAll = () => {
    for (const process of register.all()) process.abandon();
  };
  hurry?.addEventListener('abort', abandonAll);
  return register;
}

async function startProcesses(
  plan: Plan,
  register: Register,
  cleanUp: AsyncDisposableStack,
  signal: AbortSignal | undefined,
): Promise<void> {
  const mx = supervise(mxProgram(plan, mxHint(plan)), register.changed);
  const services = serviceNames.map((name) =>
    supervise(serviceProgram(plan, name), register.changed),
  );
  // The services first, because they may still deliver to the MX.
  cleanUp.defer(() => mx.stop());
  cleanUp.defer(async () => void (await Promise.all(services.map((process) => process.stop()))));
  const all = [mx, ...services];
  for (const process of all) {
    register.add(process);
    process.start();
  }
  await Promise.all(all.map((process) => process.ready(signal)));
}

/** Everything except the lock that we hold. */
async function forget(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name !== 'lock') await rm(path.join(dir, name), { recursive: true, force: true });
  }
}
