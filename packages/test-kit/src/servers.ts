import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServers } from '@mysmtp/local-stack';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    rabbitmqUrl: string;
    rabbitmqManagementUrl: string;
    mongodbUrl: string;
  }
}

/**
 * Vitest's global setup: one RabbitMQ and one MongoDB for all integration tests of a run. Each test creates a
 * virtual host and databases of its own.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-test-'));
  const servers = await startServers({
    dir,
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  const { rabbitmq, mongodb } = servers;
  project.provide('rabbitmqUrl', rabbitmq.plan.adminUrl);
  project.provide('rabbitmqManagementUrl', rabbitmq.plan.managementUrl ?? '');
  project.provide('mongodbUrl', mongodb.plan.adminUrl);
  return async () => {
    await servers.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
