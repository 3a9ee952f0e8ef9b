import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { explain, startStack, type StackFacts } from '@mysmtp/local-stack';
import type { TestProject } from 'vitest/node';
import { freePort } from '@mysmtp/test-kit';
import { withoutPublicDns } from './public-dns.ts';

declare module 'vitest' {
  interface ProvidedContext {
    commonStack: StackFacts;
    /**
     * The destination of all mail of the common stack: a port of 127.0.0.1 on which each scenario has its
     * receiver.
     */
    receiverPort: number;
  }
}

/**
 * Vitest's global setup of the scenarios that stop and kill nothing: one stack for all of them. Each scenario
 * has its own customer and receiver.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-e2e-'));
  const receiverPort = await freePort();
  const stack = await startStack({
    dir,
    smarthost: `127.0.0.1:${String(receiverPort)}`,
    network: '127.0.0.1/32',
    env: withoutPublicDns({ delivery: { RETRY_FIRST: '3s' } }),
    progress: (line) => process.stderr.write(`${line}\n`),
  }).catch((error: unknown) => {
    throw new Error(explain(error), { cause: error });
  });
  project.provide('commonStack', stack.facts());
  project.provide('receiverPort', receiverPort);
  return async () => {
    await stack.stop();
    if (process.env['MYSMTP_KEEP'] === undefined) await rm(dir, { recursive: true, force: true });
    else process.stderr.write(`The common stack's folder is kept: ${dir}\n`);
  };
}
