import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServers } from '@mysmtp/local-stack';
import { sharedSetup } from './shared-setup.ts';

declare module 'vitest' {
  interface ProvidedContext {
    rabbitmqUrl: string;
    rabbitmqManagementUrl: string;
    mongodbUrl: string;
  }
}

/**
 * Vitest's global setup: one RabbitMQ and one MongoDB for all integration tests and scenarios of a run. Each
 * test creates a virtual host and databases of its own.
 */
export const setup = sharedSetup('servers', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-test-'));
  const servers = await startServers({
    dir,
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  const { rabbitmq, mongodb } = servers;
  return {
    provided: {
      rabbitmqUrl: rabbitmq.plan.adminUrl,
      rabbitmqManagementUrl: rabbitmq.plan.managementUrl ?? '',
      mongodbUrl: mongodb.plan.adminUrl,
    },
    async stop() {
      await servers.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
});
