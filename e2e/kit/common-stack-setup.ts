import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { explain, startStack, type Stack } from '@mysmtp/local-stack';
import type { TestProject } from 'vitest/node';
import { freePort } from '@mysmtp/test-kit';
import { forScenarios } from './environment.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Returns the description of the common stack, which the first request starts. */
    commonStackUrl: string;
    /**
     * The destination of all mail of the common stack: a port of 127.0.0.1 on which each scenario has its
     * receiver.
     */
    receiverPort: number;
  }
}

/**
 * Vitest's global setup of the scenarios that stop and kill nothing: one stack for all of them. Each scenario
 * has its own customer and receiver. Vitest runs every global setup at the start of the run, but these
 * scenarios come after the other tests, and an idle stack costs CPU: the first scenario starts it.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-e2e-'));
  const receiverPort = await freePort();
  let stack: Promise<Stack> | undefined;
  const start = (): Promise<Stack> =>
    startStack({
      dir,
      smarthost: `127.0.0.1:${String(receiverPort)}`,
      network: '127.0.0.1/32',
      env: forScenarios({
        delivery: { RETRY_FIRST: '3s' },
        // Of 24-accounts, on 127.0.0.1.
        identity: { PRIVATE_PROVIDERS: 'true' },
      }),
      bundles: project.getProvidedContext().bundles,
      progress: (line) => process.stderr.write(`${line}\n`),
    });
  const starter = createServer((_request, response) => {
    stack ??= start();
    stack.then(
      (started) => response.end(JSON.stringify(started.description())),
      (error: unknown) => response.writeHead(500).end(explain(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(starter, 'listening');
  const { port } = starter.address() as AddressInfo;
  project.provide('commonStackUrl', `http://127.0.0.1:${String(port)}`);
  project.provide('receiverPort', receiverPort);
  return async () => {
    starter.closeAllConnections();
    starter.close();
    await (await stack?.catch(() => undefined))?.stop();
    if (process.env['MYSMTP_KEEP'] === undefined) await rm(dir, { recursive: true, force: true });
    else process.stderr.write(`The common stack's folder is kept: ${dir}\n`);
  };
}
