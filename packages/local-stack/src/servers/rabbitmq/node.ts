import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Program } from '../../processes/program.ts';
import type { ServerPlace, ServerPlan } from '../way.ts';
import { asFile, nodeConfiguration } from './configuration.ts';
import { managementApi } from '@mysmtp/provision';
import { findCommand, isExecutable } from '@mysmtp/tooling';

/**
 * An isolated node: all files below one folder, loopback only, and its own epmd in the foreground (the usual
 * one becomes a daemon and stays).
 */
export async function nodeFrom(
  command: string,
  place: ServerPlace,
): Promise<ServerPlan | { reason: string }> {
  const epmd = await findCommand('epmd', ['/usr/lib/erlang/bin']);
  if (epmd === undefined) return { reason: 'Erlang’s epmd is missing beside it' };
  const { dataDir, logDir, adminPassword } = place;
  const server = (await realServer()) ?? command;
  const port = (name: Parameters<ServerPlace['port']>[0]) => String(place.port(name));
  const at = (...names: string[]) => path.join(dataDir, ...names);

  await mkdir(at('home'), { recursive: true, mode: 0o700 });
  await writeFile(
    at('rabbitmq.conf'),
    asFile(nodeConfiguration(place.port('management'), adminPassword)),
    {
      mode: 0o600,
    },
  );
  await writeFile(at('enabled_plugins'), '[rabbitmq_management].\n');
  await writeFile(at('advanced.config'), '[].\n');
  await writeFile(at('rabbitmq-env.conf'), '');

  const environment = {
    PATH: process.env['PATH'] ?? '',
    LANG: 'C.UTF-8',
    HOME: at('home'),
    // Its wrapper would change user and folder. With the variables of systemd, the server only executes.
    RUNNING_UNDER_SYSTEMD: '1',
    ERL_EPMD_PORT: port('epmd'),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // The node's name is a part of its data, so the same folder always gets the same one.
    RABBITMQ_NODENAME: `mysmtp-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: port('rabbitmq'),
    RABBITMQ_DIST_PORT: port('distribution'),
    RABBITMQ_CONFIG_FILE: at('rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: at('rabbitmq-env.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: at('advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: at('enabled_plugins'),
    RABBITMQ_MNESIA_BASE: at('mnesia'),
    RABBITMQ_LOG_BASE: logDir,
    RABBITMQ_PID_FILE: at('pid'),
    RABBITMQ_GENERATED_CONFIG_DIR: at('generated'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none -start_epmd false',
  };
  const managementUrl = `http://mysmtp:${adminPassword}@127.0.0.1:${port('management')}`;
  const common = { env: environment, logFile: path.join(logDir, 'rabbitmq.log') };
  const programs: Program[] = [
    {
      ...common,
      name: 'epmd',
      command: epmd,
      args: ['-port', port('epmd'), '-address', '127.0.0.1'],
      isReady: async () => true,
      startTimeout: 5_000,
      stopTimeout: 2_000,
      stopSignal: 'SIGKILL',
    },
    {
      ...common,
      name: 'rabbitmq',
      command: server,
      args: [],
      isReady: () => managementApi(managementUrl).isReady(),
      startTimeout: 60_000,
      stopTimeout: 20_000,
      stopSignal: 'SIGTERM',
    },
  ];
  return {
    product: `RabbitMQ ${/rabbitmq_server-([\d.]+)/.exec(server)?.[1] ?? ''}`.trim(),
    programs,
    adminUrl: `amqp://mysmtp:${adminPassword}@127.0.0.1:${port('rabbitmq')}`,
    managementUrl,
    dataDir,
  };
}

/** Debian's /usr/sbin/rabbitmq-server is a wrapper that changes user; this is the real program. */
async function realServer(): Promise<string | undefined> {
  const home = '/usr/lib/rabbitmq/lib';
  const versions = await readdir(home).catch(() => []);
  const newestFirst = versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  for (const version of newestFirst) {
    const file = path.join(home, version, 'sbin', 'rabbitmq-server');
    if (await isExecutable(file)) return file;
  }
  return undefined;
}
