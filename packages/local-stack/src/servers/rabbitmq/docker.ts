import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Way } from '../way.ts';
import { asFile, commonConfiguration } from './configuration.ts';
import { managementApi } from '@mysmtp/provision';
import { findCommand, runCommand } from '@mysmtp/tooling';

const image = 'rabbitmq:4-management';

/** A container, if a Docker daemon answers. */
export const docker: Way = {
  name: 'Docker',
  kind: 'rabbitmq in docker',
  find: async (place) => {
    const command = await findCommand('docker');
    if (command === undefined) return { reason: 'not installed' };
    const asked = await runCommand(command, ['version', '--format', '{{.Server.Version}}'], {
      timeout: 5_000,
    });
    if ('failure' in asked) return { reason: 'no daemon answers' };
    const { dataDir, logDir, adminPassword } = place;
    const port = String(place.port('rabbitmq'));
    const management = String(place.port('management'));
    const managementUrl = `http://mysmtp:${adminPassword}@127.0.0.1:${management}`;
    const name = `mysmtp-rabbitmq-${port}`;
    const configuration = path.join(dataDir, 'docker.conf');
    const options = {
      hostname: 'mysmtp', // a part of the node's name, and so of its data's
      name,
      publish: [`127.0.0.1:${port}:5672`, `127.0.0.1:${management}:15672`],
      volume: [
        `${path.join(dataDir, 'docker')}:/var/lib/rabbitmq`,
        `${configuration}:/etc/rabbitmq/conf.d/90-mysmtp.conf:ro`,
      ],
      env: ['RABBITMQ_DEFAULT_USER=mysmtp', 'RABBITMQ_DEFAULT_PASS'],
    };
    const args = Object.entries(options).flatMap(([option, values]) =>
      [values].flat().map((value) => `--${option}=${value}`),
    );
    return {
      product: `RabbitMQ (${image})`,
      adminUrl: `amqp://mysmtp:${adminPassword}@127.0.0.1:${port}`,
      managementUrl,
      dataDir,
      prepare: async () => {
        await mkdir(path.join(dataDir, 'docker'), { recursive: true, mode: 0o700 });
        await writeFile(configuration, asFile(commonConfiguration));
        // A container may outlive its client, because it belongs to the daemon.
        await runCommand(command, ['rm', '--force', name], { timeout: 30_000 });
      },
      programs: [
        {
          name: 'rabbitmq',
          command,
          args: ['run', '--rm', ...args, image],
          env: { PATH: process.env['PATH'] ?? '', RABBITMQ_DEFAULT_PASS: adminPassword },
          logFile: path.join(logDir, 'rabbitmq.log'),
          isReady: () => managementApi(managementUrl).isReady(),
          startTimeout: 300_000,
          stopTimeout: 30_000,
          stopSignal: 'SIGTERM',
        },
      ],
    };
  },
};
