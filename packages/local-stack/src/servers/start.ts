import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { stepInLines, type Step } from '@mysmtp/tooling';
import { anyPorts, choosePorts } from '../ports.ts';
import { supervise, type Supervised } from '../processes/supervisor.ts';
import { readOrMake, readPrivate, writePrivate } from '../secrets.ts';
import { mongoDbWays } from './mongodb/ways.ts';
import { rabbitMqWays } from './rabbitmq/ways.ts';
import { firstWay, type Kind, type ServerPlace, type ServerPlan, type Way } from './way.ts';

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
  /** The folder of data, ports and the administrators' passwords. */
  readonly dir: string;
  readonly progress?: (line: string) => void;
  /** Shows a slow step; without it the step is a line of `progress`. */
  readonly step?: Step;
  readonly onChange?: () => void;
  /** Called for each process before it is started. */
  readonly onSupervised?: (process: Supervised) => void;
  /** The documented ports if they are free; otherwise any. */
  readonly usualPorts?: boolean;
  /** Cancels the start; running processes are stopped. */
  readonly signal?: AbortSignal;
}

type ServerName = 'rabbitmq' | 'mongodb';

const preferredPorts = {
  rabbitmq: 5673,
  management: 15_673,
  distribution: 25_673,
  epmd: 4_370,
  mongodb: 27_018,
};

/** Starts RabbitMQ and MongoDB in parallel, each from the first available way. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { onChange = () => undefined } = options;
  const finder = await prepareFinder(options);
  const started: Record<ServerName, Supervised[]> = { rabbitmq: [], mongodb: [] };
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);

  const launch = async (name: ServerName): Promise<Server> => {
    const plan = await finder.find(name, signal);
    return finder.step(`Starting ${plan.product}`, async () => {
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
    });
  };
  const stop = async (): Promise<void> => {
    await Promise.all(
      Object.values(started).map(async (processes) => {
        for (const process of processes.toReversed()) await process.stop();
      }),
    );
  };

  // Only the first failure is reported, because it cancels the other server.
  const both = (['rabbitmq', 'mongodb'] as const).map((name) =>
    launch(name).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  const [rabbitmq, mongodb] = await Promise.allSettled(both);
  if (rabbitmq?.status === 'fulfilled' && mongodb?.status === 'fulfilled') {
    return { rabbitmq: rabbitmq.value, mongodb: mongodb.value, stop };
  }
  await stop();
  throw failed.signal.reason;
}

interface Finder {
  readonly step: Step;
  find(name: ServerName, signal: AbortSignal): Promise<ServerPlan>;
}

const servers: Record<ServerName, { readonly name: string; ways(): readonly Way[] }> = {
  rabbitmq: { name: 'RabbitMQ', ways: () => rabbitMqWays },
  mongodb: { name: 'MongoDB', ways: () => mongoDbWays() },
};

/** The sources of the servers: the same as last time, so that they find their data again. */
async function prepareFinder(options: ServersOptions): Promise<Finder> {
  const { progress = () => undefined, step = stepInLines(progress) } = options;
  const dir = path.resolve(options.dir);
  await mkdir(path.join(dir, 'log'), { recursive: true, mode: 0o700 });
  const ports = await choosePorts(
    path.join(dir, 'server-ports.json'),
    options.usualPorts === true ? preferredPorts : anyPorts(preferredPorts),
  );
  const { adminPassword } = await readOrMake(path.join(dir, 'servers.secret.json'), () => ({
    adminPassword: randomBytes(24).toString('base64url'),
  }));
  const kindsFile = path.join(dir, 'servers.json');
  const kinds = { ...(await readPrivate<Partial<Record<ServerName, Kind>>>(kindsFile)) };
  let written = Promise.resolve();
  return {
    step,
    async find(name, signal) {
      const { name: server, ways } = servers[name];
      const place: ServerPlace = {
        dataDir: path.join(dir, name),
        logDir: path.join(dir, 'log'),
        port: (which) => ports[which],
        adminPassword,
        progress,
        step,
        signal,
      };
      const { plan, kind } = await firstWay(server, ways(), place, kinds[name]);
      kinds[name] = kind;
      // Before it has data, and with serialised writes, so that the last write has both kinds.
      written = written.then(() => writePrivate(kindsFile, kinds));
      await written;
      return plan;
    },
  };
}
