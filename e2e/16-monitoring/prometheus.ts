import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { alertFiles, bringPrometheus } from '@mysmtp/monitoring';
import type { StackDescription } from '@mysmtp/local-stack';
import { eventually, freePort } from '@mysmtp/test-kit';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface Prometheus {
  /** The current result of an expression; throws if Prometheus does not accept it. */
  query(expr: string): Promise<Sample[]>;
  alerts(): Promise<ActiveAlert[]>;
  /** The names of all scraped metrics. */
  metrics(): Promise<string[]>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Scrapes every service of a stack once a second, with the labels of a cluster (docs/monitoring.md). */
export async function startPrometheus(description: StackDescription): Promise<Prometheus> {
  const { prometheus } = await bringPrometheus((line) => process.stderr.write(`${line}\n`));
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-prometheus-'));
  const configFile = path.join(dir, 'prometheus.json');
  // JSON is valid YAML.
  await writeFile(configFile, JSON.stringify(await configuration(description)));
  const address = `127.0.0.1:${String(await freePort())}`;
  const args = [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${path.join(dir, 'data')}`,
    `--web.listen-address=${address}`,
    '--log.level=warn',
  ];
  // It ends together with this process.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', prometheus, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(dir, { recursive: true, force: true });
  };

  async function get(resource: string, parameters: Record<string, string> = {}): Promise<unknown> {
    const search = new URLSearchParams(parameters);
    const response = await fetch(`http://${address}/api/v1/${resource}?${search.toString()}`);
    const { status, data, error } = (await response.json()) as Record<string, unknown>;
    if (status !== 'success') throw new Error(`Prometheus reports: ${String(error)}`);
    return data;
  }

  try {
    await eventually(async () => {
      if (child.exitCode !== null) return;
      if (!(await fetch(`http://${address}/-/ready`)).ok) throw new Error('not ready yet');
    });
    if (child.exitCode !== null) throw new Error('Prometheus ended; see its output above');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async query(expr) {
      const { result } = (await get('query', { query: expr })) as {
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    },
    alerts: async () => ((await get('alerts')) as { alerts: ActiveAlert[] }).alerts,
    metrics: async () => Object.keys((await get('metadata')) as object),
    stop,
  };
}

async function configuration({ operations }: StackDescription): Promise<object> {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: await alertFiles(),
    scrape_configs: Object.entries(operations).map(([service, url]) => ({
      job_name: service,
      static_configs: [
        {
          targets: [new URL(url).host],
          labels: {
            app_kubernetes_io_name: 'mysmtp',
            namespace: 'mysmtp',
            pod: `${service}-0`,
            // From the Kubernetes Service: a ServiceMonitor overwrites the label that we expose.
            service: `release-mysmtp-${service}`,
          },
        },
      ],
    })),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
