import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { choosePorts } from '../ports.ts';
import { supervise, type Supervised } from '../processes/supervisor.ts';
import { provisionMongoDb } from '../provision/mongodb.ts';
import { passwords } from '../provision/passwords.ts';
import { provisionRabbitMq } from '../provision/rabbitmq.ts';
import { writePrivate } from '../secrets.ts';
import { startServers, type Servers } from '../servers/start.ts';
import { localCertificates } from './certificates.ts';
import { composeFacts, type StackFacts } from './facts.ts';
import { firstTenant, networkCredential } from './first-tenant.ts';
import { endLeftovers } from './leftovers.ts';
import { lock } from './lock.ts';
import { wishedPorts } from './ports.ts';
import { mxProgram, serviceProgram, type Plan } from './programs.ts';
import { createRegister, type Register } from './register.ts';
import { serviceKeys } from './service-keys.ts';

export interface StartOptions {
  readonly dir: string;
  readonly fresh?: boolean;
  readonly dev?: boolean;
  readonly smarthost?: string;
  readonly network?: string;
  readonly env?: Plan['env'];
  readonly progress?: (line: string) => void;
}

export type ProcessName = ServiceName | 'mx' | 'rabbitmq' | 'mongodb' | 'epmd';

/** A running stack. */
export interface Stack {
  /** As stack.json has them, at this moment. */
  facts(): StackFacts;
  /** True where the database is the local stand-in. */
  readonly standIn: boolean;
  /** One process, to kill, stop or start; supervision brings back what dies. */
  process(name: ProcessName): Supervised;
  stop(): Promise<void>;
}

/** Starts everything; what has been started is stopped again where the rest cannot be. */
export async function startStack(options: StartOptions): Promise<Stack> {
  const dir = path.resolve(options.dir);
  const { progress = () => undefined } = options;
  const factsFile = path.join(dir, 'stack.json');
  const processesFile = path.join(dir, 'processes.json');
  const cleanUp = new AsyncDisposableStack();
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    cleanUp.defer(await lock(path.join(dir, 'lock')));
    await rm(factsFile, { force: true });
    const ended = await endLeftovers(processesFile);
    if (ended > 0) progress(`Ended ${String(ended)} processes that an earlier start had left`);
    if (options.fresh === true) await forget(dir);

    const register = createRegister(processesFile);
    const servers = await startServers({
      dir,
      progress,
      onChange: () => register.changed(),
      onSupervised: (process) => register.add(process),
    });
    cleanUp.defer(() => servers.stop());
    const plan = await prepare(dir, servers, options);
    progress('RabbitMQ and MongoDB are ready');

    await startProcesses(plan, register, cleanUp);
    progress('The five services and the local MX are ready');

    const first = await firstTenant(plan);
    if (options.network !== undefined) {
      await networkCredential(plan, first.tenant.ownerToken, options.network);
    }
    const facts = () => composeFacts(plan, servers, first, register.pids());
    await register.alsoWrite(() => writePrivate(factsFile, facts()));
    return {
      facts,
      standIn: servers.mongodb.plan.standIn ?? false,
      process: (name) => {
        const found = register.get(name);
        if (found === undefined) throw new Error(`${name} is not a process of this stack`);
        return found;
      },
      async stop() {
        // Absent before anything stops: who reads it may rely on what it says.
        await register.alsoWrite(undefined);
        await rm(factsFile, { force: true });
        await cleanUp.disposeAsync();
      },
    };
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
}

/** Users, databases, certificates, keys and ports: made once, found again at every later start. */
async function prepare(dir: string, servers: Servers, options: StartOptions): Promise<Plan> {
  // On servers that several stacks share, each has names of its own.
  const stack = `mysmtp-${createHash('sha256').update(dir).digest('hex').slice(0, 8)}`;
  const secrets = await passwords(path.join(dir, 'services.secret.json'));
  const [broker, databases, certificates, keys, ports] = await Promise.all([
    provisionRabbitMq(servers.rabbitmq.plan, stack, secrets),
    provisionMongoDb(servers.mongodb.plan, stack, secrets),
    localCertificates(dir),
    serviceKeys(path.join(dir, 'keys')),
    choosePorts(path.join(dir, 'ports.json'), wishedPorts),
  ]);
  return {
    dir,
    ports,
    certificates,
    keys,
    broker,
    databases,
    smarthost: options.smarthost ?? `127.0.0.1:${String(ports.mxSmtp)}`,
    networkListener: options.network !== undefined,
    env: options.env ?? {},
    dev: options.dev ?? false,
  };
}

async function startProcesses(
  plan: Plan,
  register: Register,
  cleanUp: AsyncDisposableStack,
): Promise<void> {
  const mx = supervise(mxProgram(plan), register.changed);
  const services = serviceNames.map((name) =>
    supervise(serviceProgram(plan, name), register.changed),
  );
  // The services first: the MX may still get what they are delivering.
  cleanUp.defer(() => mx.stop());
  cleanUp.defer(async () => void (await Promise.all(services.map((process) => process.stop()))));
  const all = [mx, ...services];
  for (const process of all) {
    register.add(process);
    process.start();
  }
  await Promise.all(all.map((process) => process.ready()));
}

/** Everything but the lock that we hold. */
async function forget(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name !== 'lock') await rm(path.join(dir, name), { recursive: true, force: true });
  }
}
