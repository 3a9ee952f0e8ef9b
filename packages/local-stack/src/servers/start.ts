import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { anyPorts, choosePorts } from '../ports.ts';
import { supervise, type Supervised } from '../processes/supervisor.ts';
import { readOrMake, readPrivate, writePrivate } from '../secrets.ts';
import { mongoDbWays } from './mongodb/ways.ts';
import { rabbitMqWays } from './rabbitmq/ways.ts';
import { firstWay, type Kind, type ServerPlace, type ServerPlan } from './way.ts';

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
  /** Ports as the documents name them, where they are free; otherwise any. */
  readonly usualPorts?: boolean;
  /** Gives up starting; what runs by then is stopped. */
  readonly signal?: AbortSignal;
}

type ServerName = 'rabbitmq' | 'mongodb';

const wishedPorts = {
  rabbitmq: 5673,
  management: 15_673,
  distribution: 25_673,
  epmd: 4_370,
  mongodb: 27_018,
};

/** Brings up RabbitMQ and MongoDB, side by side, each from the first way that this machine has. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { onChange = () => undefined, signal } = options;
  const plans = await findServers(options);
  const started: Record<ServerName, Supervised[]> = { rabbitmq: [], mongodb: [] };

  const launch = async (name: ServerName): Promise<Server> => {
    const plan = plans[name];
    await plan.prepare?.();
    const processes = started[name];
    for (const program of plan.programs) {
      const process = supervise(program, onChange);
      options.onSupervised?.(process);
      processes.push(process);
      process.start();
    }
    for (const process of processes) await process.ready(signal);
    await plan.initialise?.();
    return { plan, processes };
  };
  const stop = async (): Promise<void> => {
    await Promise.all(
      Object.values(started).map(async (processes) => {
        for (const process of processes.toReversed()) await process.stop();
      }),
    );
  };

  const [rabbitmq, mongodb] = await Promise.allSettled([launch('rabbitmq'), launch('mongodb')]);
  if (rabbitmq.status === 'fulfilled' && mongodb.status === 'fulfilled') {
    return { rabbitmq: rabbitmq.value, mongodb: mongodb.value, stop };
  }
  await stop();
  throw rabbitmq.status === 'rejected'
    ? rabbitmq.reason
    : (mongodb as PromiseRejectedResult).reason;
}

/** Where the servers come from: the same as last time, so that they find their data again. */
async function findServers(options: ServersOptions): Promise<Record<ServerName, ServerPlan>> {
  const { progress = () => undefined, signal = new AbortController().signal } = options;
  const dir = path.resolve(options.dir);
  await mkdir(path.join(dir, 'log'), { recursive: true, mode: 0o700 });
  const ports = await choosePorts(
    path.join(dir, 'server-ports.json'),
    options.usualPorts === true ? wishedPorts : anyPorts(wishedPorts),
  );
  const { adminPassword } = await readOrMake(path.join(dir, 'servers.secret.json'), () => ({
    adminPassword: randomBytes(24).toString('base64url'),
  }));
  const place = (name: ServerName): ServerPlace => ({
    dataDir: path.join(dir, name),
    logDir: path.join(dir, 'log'),
    port: (which) => ports[which],
    adminPassword,
    progress,
    signal,
  });
  const kindsFile = path.join(dir, 'servers.json');
  const kept = await readPrivate<Record<ServerName, Kind>>(kindsFile);
  // One after the other: two package managers at once would lock each other out.
  const rabbitmq = await firstWay('RabbitMQ', rabbitMqWays, place('rabbitmq'), kept?.rabbitmq);
  const mongodb = await firstWay('MongoDB', mongoDbWays, place('mongodb'), kept?.mongodb);
  await writePrivate(kindsFile, { rabbitmq: rabbitmq.kind, mongodb: mongodb.kind });
  return { rabbitmq: rabbitmq.plan, mongodb: mongodb.plan };
}
