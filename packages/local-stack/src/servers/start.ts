import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { choosePorts } from '../ports.ts';
import { supervise, type Supervised } from '../processes/supervisor.ts';
import { readOrMake } from '../secrets.ts';
import { mongoDbWays } from './mongodb/ways.ts';
import { rabbitMqWays } from './rabbitmq/ways.ts';
import { firstWay, type ServerPlace, type ServerPlan } from './way.ts';

export interface Server {
  readonly plan: ServerPlan;
  /** In the order of starting; stopped in reverse. */
  readonly processes: readonly Supervised[];
}

export interface Servers {
  readonly rabbitmq: Server;
  readonly mongodb: Server;
  stop(): Promise<void>;
}

export interface ServersOptions {
  /** Data, ports and the administrators' passwords live here. */
  readonly dir: string;
  readonly progress?: (line: string) => void;
  readonly onChange?: () => void;
  /** Told of each process before it is started. */
  readonly onSupervised?: (process: Supervised) => void;
}

/** Brings up RabbitMQ and MongoDB, side by side, each from the first way that this machine has. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { progress = () => undefined, onChange = () => undefined } = options;
  const dir = path.resolve(options.dir);
  await mkdir(path.join(dir, 'log'), { recursive: true, mode: 0o700 });
  const ports = await choosePorts(path.join(dir, 'server-ports.json'), {
    rabbitmq: 5673,
    management: 15_673,
    distribution: 25_673,
    epmd: 4_370,
    mongodb: 27_018,
  });
  const { adminPassword } = await readOrMake(path.join(dir, 'servers.secret.json'), () => ({
    adminPassword: randomBytes(24).toString('base64url'),
  }));
  const place = (name: string): ServerPlace => ({
    dataDir: path.join(dir, name),
    logDir: path.join(dir, 'log'),
    port: (which) => ports[which],
    adminPassword,
    progress,
  });

  // Looking for them one after the other: two package managers at once would lock each other out.
  const plans = {
    rabbitmq: await firstWay('RabbitMQ', rabbitMqWays, place('rabbitmq')),
    mongodb: await firstWay('MongoDB', mongoDbWays, place('mongodb')),
  };
  const servers: Partial<Record<'rabbitmq' | 'mongodb', Server>> = {};
  const stop = async (): Promise<void> => {
    const started = Object.values(servers).map(({ processes }) => processes.toReversed());
    await Promise.all(
      started.map(async (processes) => {
        for (const process of processes) await process.stop();
      }),
    );
  };
  const launch = async (name: 'rabbitmq' | 'mongodb'): Promise<void> => {
    const plan = plans[name];
    await plan.prepare?.();
    const processes = plan.programs.map((program) => supervise(program, onChange));
    servers[name] = { plan, processes };
    for (const process of processes) options.onSupervised?.(process);
    for (const process of processes) process.start();
    for (const process of processes) await process.ready();
    await plan.initialise?.();
  };
  const launched = await Promise.allSettled([launch('rabbitmq'), launch('mongodb')]);
  const failure = launched.find((result) => result.status === 'rejected');
  if (failure !== undefined || servers.rabbitmq === undefined || servers.mongodb === undefined) {
    await stop();
    throw failure?.reason ?? new Error('The servers did not start');
  }
  return { rabbitmq: servers.rabbitmq, mongodb: servers.mongodb, stop };
}
