import { findCommand, outputOf } from '../command.ts';
import type { Way } from '../way.ts';
import { managementApi } from './management.ts';

const image = 'rabbitmq:4-management';

/** A container, where a Docker daemon answers. */
export const docker: Way = {
  name: 'Docker',
  find: async (place) => {
    const command = await findCommand('docker');
    if (command === undefined) return { reason: 'not installed' };
    if ((await outputOf(command, ['info', '--format', '{{.ID}}'], 5_000)) === undefined) {
      return { reason: 'no daemon answers' };
    }
    const port = place.port('rabbitmq');
    const management = place.port('management');
    const managementUrl = `http://mysmtp:${place.adminPassword}@127.0.0.1:${String(management)}`;
    return {
      product: `RabbitMQ (${image})`,
      adminUrl: `amqp://mysmtp:${place.adminPassword}@127.0.0.1:${String(port)}`,
      managementUrl,
      dataDir: place.dataDir,
      programs: [
        {
          name: 'rabbitmq',
          command,
          args: [
            'run',
            '--rm',
            '--hostname',
            'mysmtp',
            '--name',
            `mysmtp-rabbitmq-${String(port)}`,
            '-p',
            `127.0.0.1:${String(port)}:5672`,
            '-p',
            `127.0.0.1:${String(management)}:15672`,
            '-v',
            `${place.dataDir}:/var/lib/rabbitmq`,
            '-e',
            'RABBITMQ_DEFAULT_USER=mysmtp',
            '-e',
            'RABBITMQ_DEFAULT_PASS',
            image,
          ],
          env: { PATH: process.env['PATH'] ?? '', RABBITMQ_DEFAULT_PASS: place.adminPassword },
          logFile: `${place.logDir}/rabbitmq.log`,
          isReady: () => managementApi(managementUrl).isReady(),
          startTimeout: 300_000,
          stopTimeout: 30_000,
          stopSignal: 'SIGTERM',
        },
      ],
    };
  },
};
